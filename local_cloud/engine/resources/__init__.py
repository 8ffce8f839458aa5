"""Resource types: one handler for each, found by its type token."""
