"""Where things are on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from c360.errors import C360Error

_ROOT = Path(__file__).resolve().parents[1]
LOCAL_STACK = "local"


@dataclass(frozen=True)
class Workspace:
    """The checkout and the folder for everything that a run leaves behind.

    Attributes:
        root: the repository; holds Pulumi.yaml, dbt/ and streamlit_app/.
        state: `.local` by default; `C360_STATE` moves it, which tests use.
    """

    root: Path
    state: Path

    @classmethod
    def find(cls) -> Workspace:
        if not (_ROOT / "Pulumi.yaml").exists():
            raise C360Error(f"{_ROOT} is not a checkout of this repository: it has no Pulumi.yaml.")
        state = Path(os.environ.get("C360_STATE", _ROOT / ".local")).resolve()
        return cls(_ROOT, state)

    @property
    def cloud(self) -> Path:
        """Home of the local cloud: its databases, objects and log."""
        return self.state / "cloud"

    @property
    def lake(self) -> Path:
        """Generated files, laid out as in the bucket."""
        return self.state / "lake"

    @property
    def app(self) -> Path:
        """The running app's secrets, log and process number."""
        return self.state / "app"

    def stack_state(self, stack: str) -> Path:
        return self.state / "stacks" / f"{stack}.json"

    def logs(self) -> Path:
        folder = self.state / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder
