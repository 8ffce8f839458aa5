"""Bound values as drivers send them: text with a type beside it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from fakesnow.converter import from_binding

Row = tuple[object, ...]


def read(given: dict[str, dict[str, Any]] | None) -> tuple[Row | None, list[Row] | None]:
    """Values of one execution, or rows of values when the client binds arrays."""
    if not given:
        return None, None
    ordered = [given[key] for key in sorted(given, key=int)]
    if any(isinstance(binding["value"], list) for binding in ordered):
        columns = [[_value({**binding, "value": v}) for v in binding["value"]] for binding in ordered]
        return None, list(zip(*columns, strict=True))
    return tuple(_value(binding) for binding in ordered), None


def _value(binding: dict[str, Any]) -> object:
    kind, value = binding["type"], binding["value"]
    if value is None:
        return None
    if kind == "REAL":
        return float(value)
    if kind == "FIXED":
        return Decimal(value) if "." in value else int(value)
    if kind == "TIMESTAMP_NTZ":
        moment = from_binding(binding)
        return moment.replace(tzinfo=None) if isinstance(moment, datetime) else moment
    converted: object = from_binding(binding)
    return converted
