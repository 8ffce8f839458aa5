"""How a command fails: one sentence that says what happened, where, and what to do next."""

from __future__ import annotations


class C360Error(Exception):
    """A failure that a person can act on; shown as one line, without a traceback."""
