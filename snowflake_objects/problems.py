"""One sentence for each thing that is wrong with a stack's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

_ALLOWED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "literal_error": lambda c: f"one of {c['expected']}",
    "greater_than_equal": lambda c: f"{c['ge']} or more",
    "less_than_equal": lambda c: f"{c['le']} or less",
    "int_parsing": lambda _: "a whole number",
    "int_type": lambda _: "a whole number",
    "int_from_float": lambda _: "a whole number",
    "bool_parsing": lambda _: "true or false",
    "bool_type": lambda _: "true or false",
    "string_type": lambda _: "text",
    "string_pattern_mismatch": lambda c: f"text that matches {c['pattern']}",
    "string_too_long": lambda c: f"at most {c['max_length']} characters",
    "too_short": lambda c: f"at least {c['min_length']} entries",
    "too_long": lambda c: f"at most {c['max_length']} entries",
    "model_type": lambda _: "a group of keys",
    "dict_type": lambda _: "a group of keys",
    "tuple_type": lambda _: "a list",
    "value_error": lambda c: str(c["error"]),
}


def problem(error: ErrorDetails) -> str:
    """A validation error as `<key> is <value>; allowed: <what>.`"""
    key = "customer360:" + ".".join(str(part) for part in error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return f"{key} is missing; set it in the stack's file."
    if kind == "extra_forbidden":
        return f"{key} is not a setting; remove it or correct its spelling."
    allowed = _ALLOWED.get(kind)
    return f"{key} is {_shown(error['input'])}; allowed: {allowed(context) if allowed else error['msg']}."


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
