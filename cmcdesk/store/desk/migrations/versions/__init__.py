"""One file a version of desk.db."""
