"""The scripts are run by test_one_word.py, not collected."""

collect_ignore_glob = ["scripts/*", "refused/*"]
