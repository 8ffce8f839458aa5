"""What a long step shows while it runs and leaves behind when it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@dataclass
class Step:
    """One step: `detail` is what it says when it is over, `say` what it is doing now."""

    name: str
    detail: str = ""
    seconds: float = 0.0
    _progress: Progress | None = field(default=None, repr=False)
    _task: int = 0

    def say(self, text: str) -> None:
        if self._progress is not None:
            self._progress.update(self._task, description=f"{self.name}: {text}")  # type: ignore[arg-type]  # TaskID


class Reporter:
    """Shows steps on a terminal: a spinner while one runs, a line with its time when it is over."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False)
        self.steps: list[Step] = []

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        started = time.monotonic()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        # Without a terminal a spinner would only leave empty lines behind.
        with Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as progress:
            step = Step(name, _progress=progress, _task=progress.add_task(name, total=None))
            try:
                yield step
            except BaseException:
                self.console.print(f"[red]✗[/red] {name} [dim]after {time.monotonic() - started:.1f} s[/dim]")
                raise
            finally:
                step.seconds = time.monotonic() - started
        self.steps.append(step)
        self.console.print(f"[green]✓[/green] {name:<12} {step.detail} [dim]{step.seconds:.1f} s[/dim]", soft_wrap=True)
