"""`python -m generators`: the portfolio's data under a folder, without any cloud."""

from __future__ import annotations

from generators.cli import app


def main() -> None:
    app(prog_name="python -m generators")


if __name__ == "__main__":
    main()
