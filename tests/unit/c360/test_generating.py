"""`c360 generate`: parts, the table at the end, the report, and one sentence for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from c360.cli import cli
from c360.errors import C360Error

SMALL = ["--customers", "300", "--workers", "1", "--seed", "5"]
runner = CliRunner()


def test_all_ends_with_the_table_and_draws_the_report(tmp_path: Path) -> None:
    html = tmp_path / "report.html"
    ran = runner.invoke(cli, ["generate", *SMALL, "--out", str(tmp_path / "lake"), "--report", str(html)])
    assert ran.exit_code == 0
    assert "bands met" in ran.output
    assert html.read_text().count("<svg") == 8
    assert len(list((tmp_path / "lake/transactions/historical").iterdir())) == 18


def test_hours_follow_each_other_and_faults_can_be_off(tmp_path: Path) -> None:
    out = ["--out", str(tmp_path)]
    assert runner.invoke(cli, ["generate", "customers", *SMALL, *out]).exit_code == 0
    for _ in range(2):
        assert runner.invoke(cli, ["generate", "hour", "--no-faults", *out]).exit_code == 0
    hours = sorted(tmp_path.glob("transactions/streaming/2026/07/01/*/*.csv"))
    assert [file.parent.name for file in hours] == ["00", "01"]
    assert all(len(line.split(",")) == 8 for file in hours for line in file.read_text().splitlines())
    assert not (tmp_path / "transactions/historical").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--as-of", "soon"], "--as-of is 'soon'; it must be a date such as 2026-06-30."),
        (["--as-of", "2026-06-15"], "must be the last day of a month"),
        (["hour"], "`c360 generate customers` makes one."),
        (["campaign", *SMALL, "--report", "report.html"], "--report needs the history"),
    ],
)
def test_wrong_requests_are_one_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    ran = runner.invoke(cli, ["generate", *arguments, "--out", str(tmp_path)])
    assert isinstance(ran.exception, C360Error)
    assert sentence in str(ran.exception)
