"""One mistake as data, and a copy of the dbt project with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from c360.documents.project import PROJECT

LIST = Path(__file__).with_name("mutations.yml")


class Mutation(BaseModel):
    """A small replacement in one file of the project, and why it would be wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    why: str
    file: str
    replace: str
    by: str

    def occurrences(self) -> int:
        """How often the text to replace stands in the file now."""
        return (PROJECT / self.file).read_text(encoding="utf-8").count(self.replace.rstrip("\n"))

    def project(self, folder: Path) -> Path:
        """A copy of the project in `folder` with this mistake."""
        assert self.occurrences() == 1, f"'{self.name}': its text stands {self.occurrences()} times in {self.file}"
        copy = folder / "dbt"
        shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
        path = copy / self.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(self.replace.rstrip("\n"), self.by.rstrip("\n")), encoding="utf-8")
        return copy


def mutations() -> list[Mutation]:
    """The list."""
    return [Mutation.model_validate(each) for each in yaml.safe_load(LIST.read_text(encoding="utf-8"))]
