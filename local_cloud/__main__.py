"""`python -m local_cloud serve --home DIR --aws-port N --snowflake-port N`"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from local_cloud.server import CannotStart, serve


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local_cloud", description="AWS and Snowflake on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("serve", help="run both endpoints in the foreground")
    command.add_argument("--home", type=Path, required=True, help="folder of all state")
    command.add_argument("--aws-port", type=int, default=5566, help="0: any free port")
    command.add_argument("--snowflake-port", type=int, default=8085, help="0: any free port")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        serve(given.home, given.aws_port, given.snowflake_port)
    except CannotStart as error:
        sys.stderr.write(f"local cloud: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
