"""The scripts are run by test_foreign_scripts.py, not collected."""

collect_ignore_glob = ["scripts/*", "refused/*"]
