"""How plans and outcomes of the engine are shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

import typer
from rich.console import Console
from rich.markup import escape

from c360.blueprint import render
from local_cloud.engine import Event, Outcome, Plan

_MARKS = {
    "create": "[green]+ create [/green]",
    "update": "[yellow]~ update [/yellow]",
    "replace": "[magenta]± replace[/magenta]",
    "delete": "[red]- delete [/red]",
    "retry": "[cyan]↻ retry  [/cyan]",
    "log": "        ",
}


def silent(event: Event) -> None:
    """For a preview: the plan itself is shown at the end."""


def printer() -> Callable[[Event], None]:
    """Prints every change as it happens; unchanged resources only count."""
    console = Console(stderr=True, highlight=False)

    def show(event: Event) -> None:
        if event.kind in _MARKS:
            seconds = f" [dim]{event.seconds:.1f} s[/dim]" if event.seconds else ""
            detail = f" {escape(event.detail)}" if event.detail else ""
            line = f"{_MARKS[event.kind]} {_short(event.type)} [bold]{escape(event.name)}[/bold]{detail}{seconds}"
            console.print(line, soft_wrap=True)

    return show


def show_outcome(outcome: Outcome) -> None:
    Console(stderr=True).print(f"Done: {describe_counts(outcome.counts)}.")


def show_plan(plan: Plan, *, sql: bool, as_json: bool) -> None:
    """Changes with their properties; statements with `sql`."""
    if as_json:
        typer.echo(json.dumps(asdict(plan), indent=2, default=str))
        return
    console = Console(highlight=False)
    for step in plan.steps:
        if step.kind not in _MARKS:
            continue
        console.print(f"{_MARKS[step.kind]} {_short(step.type)} [bold]{escape(step.name)}[/bold]", soft_wrap=True)
        for line in step.diff:
            console.print(f"          {escape(line)}", soft_wrap=True)
    if sql:
        for statement in plan.sql:
            typer.echo(f"{statement};")
    changes = {kind: count for kind, count in plan.counts.items() if kind != "same"}
    unchanged = plan.counts.get("same", 0)
    console.print(
        f"Would be {describe_counts(changes)}; {unchanged} unchanged." if changes else "Nothing would change."
    )


def show_blueprint(plan: Plan, stack: str, *, sql: bool, as_json: bool) -> None:
    """A plan of everything: as text to review, as JSON, or as statements alone."""
    if as_json:
        typer.echo(json.dumps(asdict(plan), indent=2, default=str))
    elif sql:
        for statement in plan.sql:
            typer.echo(f"{statement};")
    else:
        typer.echo(render(plan, f"Stack {stack}"), nl=False)


def _short(type_: str) -> str:
    """`snowflake:index/pipe:Pipe` -> `snowflake:Pipe`: what the program's author wrote."""
    return f"{type_.split(':')[0]}:{type_.split(':')[-1]}"


def describe_counts(counts: dict[str, int]) -> str:
    """`12 created, 3 unchanged`, without zeros."""
    words = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted", "same": "unchanged"}
    return ", ".join(f"{counts[kind]} {word}" for kind, word in words.items() if counts.get(kind)) or "nothing to do"
