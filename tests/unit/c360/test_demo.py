"""The demo accounts for every row and refuses to mix portfolios."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from c360.demo import Options, check_accounting, run, write_report
from c360.errors import C360Error
from c360.plans import describe_counts
from c360.progress import Reporter
from c360.workspace import Workspace

ROWS = {"bronze_transactions": 10, "silver_transactions": 7, "duplicate_transactions": 2, "rejected_transactions": 1}


def test_every_row_of_bronze_is_accounted_for() -> None:
    assert check_accounting(ROWS) == "10 bronze = 7 silver + 2 duplicates + 1 rejected"


@pytest.mark.parametrize("table", sorted(ROWS))
@pytest.mark.parametrize("change", [-1, 1])
def test_one_row_too_many_or_too_few_anywhere_fails(table: str, change: int) -> None:
    with pytest.raises(C360Error, match="Rows are lost"):
        check_accounting(ROWS | {table: ROWS[table] + change})


def test_the_report_has_the_documented_keys_and_is_written_when_a_step_fails(tmp_path: Path) -> None:
    workspace = Workspace(Path(__file__).parents[3], tmp_path)
    workspace.cloud.mkdir(parents=True)
    (workspace.cloud / "portfolio.json").write_text(json.dumps({"customers": 50_000, "transactions": 13_500_000}))
    with pytest.raises(
        C360Error, match=r"holds a portfolio of 50,000 customers and 13,500,000 transactions; `--fresh`"
    ):
        run(workspace, Options(1000, 270_000, with_app=False, fresh=False), Reporter())
    report = json.loads((tmp_path / "report.json").read_text())
    assert list(report) == ["ok", "seconds", "peak_rss_mb", "steps", "rows"]
    assert report["ok"] is False


def test_a_report_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "report.json"
    report = {"ok": True, "seconds": 1.0, "peak_rss_mb": 5, "steps": [], "rows": {}}
    write_report(path, report | {"ok": False})
    write_report(path, report)
    assert json.loads(path.read_text())["ok"] is True


def test_counts_leave_out_zeros() -> None:
    assert describe_counts({"create": 2, "update": 0, "same": 3}) == "2 created, 3 unchanged"
    assert describe_counts({}) == "nothing to do"
