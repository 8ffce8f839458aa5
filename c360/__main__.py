"""`c360` and `python -m c360`."""

from __future__ import annotations

import errno
import sys

from c360.cli import cli
from c360.errors import C360Error

# What a person can mend; any other error of the operating system is a defect and shows its traceback.
_MENDABLE = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "permission is denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOENT: "the folder cannot be made",
}


def main() -> None:
    """Run the command line; every failure that a person can act on is one line on stderr."""
    try:
        cli()
    except C360Error as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        _fail("stopped; what was finished is kept, the same command carries on.", 130)
    except OSError as error:
        if error.errno not in _MENDABLE:
            raise
        _fail(f"{_MENDABLE[error.errno]}: {error.filename or 'a file'}; whole files are kept.", 1)
    except Exception as error:
        # Not imported above: botocore costs time, and most commands do without.
        if not type(error).__module__.startswith("botocore."):
            raise
        _fail(f"AWS did not do what was asked: {error}; what was finished is kept.", 1)


def _fail(sentence: str, code: int) -> None:
    sys.stderr.write(f"c360: {sentence}\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
