"""What the tests of the pages share lies in this folder: `exercise_tests`."""
