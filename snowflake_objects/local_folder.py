"""What of a local folder belongs on a stage."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_IGNORED_FOLDERS = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".git", ".venv", "node_modules"}
_IGNORED_FILES = {"secrets.toml", ".DS_Store"}
_IGNORED_SUFFIXES = {".pyc", ".pyo", ".swp"}
# The path is part of a PUT statement.
_SAFE_PATH = re.compile(r"[A-Za-z0-9_./-]+")


def folder_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below `folder` that belongs on a stage, by POSIX path.

    Caches and `secrets.toml` stay behind.

    Raises:
        FileNotFoundError: there is nothing to upload.
        ValueError: a path could not be written into a PUT statement.
    """
    found = {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _belongs(path.relative_to(folder))
    }
    if not found:
        raise FileNotFoundError(f"Nothing to upload in {folder}: it must hold the files of the app.")
    for path in found:
        if not _SAFE_PATH.fullmatch(path):
            raise ValueError(f"Cannot upload '{path}': allowed in a name are letters, digits, '_', '-', '.' and '/'.")
    return found


def _belongs(path: Path) -> bool:
    return (
        not _IGNORED_FOLDERS.intersection(path.parts)
        and path.name not in _IGNORED_FILES
        and path.suffix not in _IGNORED_SUFFIXES
    )


def sha256(path: Path) -> str:
    """The file's digest, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
