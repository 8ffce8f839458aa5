"""Small line and bar charts as SVG text: a report must open without a network and without a chart library's server."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT = 540, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 14, 12, 40
_COLOURS = ("#2563a8", "#d97706", "#2f855a", "#b3261e", "#6d4bb3", "#4a5568")


@dataclass
class Series:
    """Values by label, in order; `colour` counts through the palette."""

    name: str
    labels: list[str]
    values: list[float]
    colour: int = 0


@dataclass(frozen=True)
class _Axis:
    """Maps values to pixels, from `start` (lowest) to `end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def place(self, value: float) -> float:
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        at = math.log(value) if self.log else value
        return self.start + (self.end - self.start) * (at - low) / (high - low or 1)

    def ticks(self) -> list[float]:
        if self.log:
            return [10.0**power for power in range(math.ceil(math.log10(self.low)), int(math.log10(self.high)) + 1)]
        step = 10 ** math.floor(math.log10((self.high - self.low) / 4 or 1))
        step *= next(factor for factor in (1, 2, 5, 10) if (self.high - self.low) / (step * factor) <= 5)
        return [step * number for number in range(math.ceil(self.low / step), int(self.high / step) + 1)]


def line_chart(series: Sequence[Series], *, log: bool = False) -> str:
    """One line per series over their labels; with `log` labels are numbers and both axes are logarithmic."""
    values = [value for line in series for value in line.values]
    if not values:
        return "<p>nothing to draw</p>"
    labels = sorted({label for line in series for label in line.labels}, key=_label_order)
    low = min(values) if log else min(0.0, *values)
    up = _Axis(low, max(values) * 1.05, _HEIGHT - _BOTTOM, _TOP, log)
    across = _across(labels, log)
    parts = _grid(up) + _bottom_labels(labels, across, log)
    for line in series:
        points = " ".join(
            f"{across[label]:.1f},{up.place(value):.1f}" for label, value in zip(line.labels, line.values, strict=True)
        )
        colour = _COLOURS[line.colour % len(_COLOURS)]
        parts.append(f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='2'/>")
    return _svg(parts, _HEIGHT) + _legend(series)


def bar_chart(series: Sequence[Series], *, horizontal: bool = False) -> str:
    """Bars of the first series; horizontal ones for many or long labels."""
    if not series:
        return "<p>nothing to draw</p>"
    labels, values = series[0].labels, series[0].values
    if horizontal:
        return _horizontal_bars(labels, values)
    up = _Axis(0, max(values) * 1.05, _HEIGHT - _BOTTOM, _TOP, log=False)
    width = (_WIDTH - _LEFT - _RIGHT) / len(labels)
    parts = _grid(up)
    for number, (label, value) in enumerate(zip(labels, values, strict=True)):
        left, top = _LEFT + number * width + width * 0.15, up.place(value)
        parts.append(
            f"<rect x='{left:.1f}' y='{top:.1f}' width='{width * 0.7:.1f}' height='{_HEIGHT - _BOTTOM - top:.1f}' "
            f"fill='{_COLOURS[0]}'><title>{html.escape(label)}: {value:,.2f}</title></rect>"
        )
        parts.append(_text(left + width * 0.35, _HEIGHT - _BOTTOM + 16, label, "middle"))
    return _svg(parts, _HEIGHT)


def _horizontal_bars(labels: list[str], values: list[float]) -> str:
    step, left = 17, 140
    scale = (_WIDTH - left - 60) / max(values)
    parts = []
    for number, (label, value) in enumerate(zip(labels, values, strict=True)):
        top = 4 + number * step
        parts.append(_text(left - 6, top + 11, label, "end"))
        bar = f"<rect x='{left}' y='{top}' width='{value * scale:.1f}' height='{step - 4}' fill='{_COLOURS[0]}'/>"
        parts.append(bar)
        parts.append(_text(left + value * scale + 5, top + 11, f"{value:.1f}", "start"))
    return _svg(parts, 8 + step * len(labels))


def _label_order(label: str) -> tuple[float, str]:
    """Numbers by value, other labels as text."""
    return (float(label), "") if label.replace(".", "", 1).isdigit() else (0.0, label)


def _across(labels: Sequence[str], log: bool) -> dict[str, float]:
    right = _WIDTH - _RIGHT
    if log:
        axis = _Axis(float(labels[0]), float(labels[-1]), _LEFT, right, log=True)
        return {label: axis.place(float(label)) for label in labels}
    step = (right - _LEFT) / max(len(labels) - 1, 1)
    return {label: _LEFT + number * step for number, label in enumerate(labels)}


def _grid(up: _Axis) -> list[str]:
    parts = []
    for tick in up.ticks():
        y = up.place(tick)
        parts.append(f"<line x1='{_LEFT}' x2='{_WIDTH - _RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#e2e8f0'/>")
        parts.append(_text(_LEFT - 6, y + 4, f"{tick:,.0f}" if tick >= 1000 else f"{tick:.4g}", "end"))
    return parts


def _bottom_labels(labels: Sequence[str], across: dict[str, float], log: bool) -> list[str]:
    shown = (
        [label for label in ("1", "10", "100", "1000") if label in across] if log else labels[:: len(labels) // 6 + 1]
    )
    return [_text(across[label], _HEIGHT - _BOTTOM + 18, label, "middle") for label in shown]


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='11' fill='#4a5568'>{html.escape(text)}</text>"
    )


def _svg(parts: Sequence[str], height: int) -> str:
    return f"<svg viewBox='0 0 {_WIDTH} {height}' role='img' width='100%'>{''.join(parts)}</svg>"


def _legend(series: Sequence[Series]) -> str:
    if len(series) < 2:
        return ""
    entries = []
    for line in series:
        style = f"color:{_COLOURS[line.colour % len(_COLOURS)]};margin-right:1rem;white-space:nowrap"
        entries.append(f"<span style='{style}'>&#9632; {html.escape(line.name)}</span>")
    return f"<div>{' '.join(entries)}</div>"
