"""Accounts into persons: by exact keys and by hand; every merge and split is a decision."""
