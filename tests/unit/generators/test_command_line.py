"""`python -m generators`: every part, and one sentence for everything that can go wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from generators.cli import app
from generators.settings import GeneratorSettings

SMALL = ["--customers", "200", "--transactions", "54000", "--seed", "9"]
runner = CliRunner()


def test_parts_write_only_their_files(out: Path) -> None:
    for command, folder in (("customers", "customers"), ("changes", "customers/changes"), ("campaign", "campaigns")):
        assert runner.invoke(app, [command, "--out", str(out), *SMALL]).exit_code == 0
        assert any(path.is_file() for path in (out / folder).iterdir())
    assert not (out / "transactions").exists()


def test_hours_belong_to_the_portfolio_in_the_folder(out: Path) -> None:
    assert runner.invoke(app, ["customers", "--out", str(out), *SMALL]).exit_code == 0
    result = runner.invoke(app, ["hour", "--out", str(out), "--hours", "2", "--no-faults"])
    assert result.exit_code == 0
    files = sorted(out.glob("transactions/streaming/2026/07/01/*/*.csv"))
    assert len(files) == 2
    customers = {line.split(",")[1] for line in files[0].read_text().splitlines()[1:]}
    assert max(customers) <= "CUST00000200"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--customers", "3"], "customers is 3; it must be between 20 and 2,000,000"),
        (["--customers", "100", "--transactions", "5"], "transactions is 5; it must be between 2,000 and 200,000"),
        (["--seed", "-1"], "seed is -1; it must be between 0 and"),
        (["--as-of", "2026-06-15"], "it must be the last day of a month, such as 2026-06-30"),
        (["--as-of", "soon"], "--as-of is 'soon'; it must be a date such as 2026-06-30"),
    ],
)
def test_wrong_values_are_one_sentence(out: Path, arguments: list[str], sentence: str) -> None:
    result = runner.invoke(app, ["all", "--out", str(out), *arguments])
    assert result.exit_code == 2
    assert sentence in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert not out.exists()


def test_wrong_hour_is_one_sentence(out: Path) -> None:
    result = runner.invoke(app, ["hour", "--out", str(out), "--at", "noon"])
    assert result.exit_code == 2
    assert "--at is 'noon'; it must be an hour such as 2026-07-01T09" in result.output


def test_full_disk_is_one_sentence_and_leaves_no_partial_file(out: Path) -> None:
    limited = (
        "import resource, runpy, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)); "
        "runpy.run_module('generators', run_name='__main__')"
    )
    result = subprocess.run(
        [sys.executable, "-c", limited, "all", "--out", str(out), *SMALL, "--workers", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "File too large" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(out.rglob("*.partial"))


def test_control_c_keeps_whole_files(out: Path) -> None:
    arguments = ["all", "--out", str(out), "--customers", "4000", "--transactions", "6000000", "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "generators", *arguments], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    until = time.monotonic() + 30
    while not list(out.glob("transactions/historical/*.parquet")) and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, printed = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted; complete files were kept, and the same command carries on" in printed
    assert "Traceback" not in printed
    assert not list(out.rglob("*.partial"))
    assert 1 <= len(list(out.glob("transactions/historical/*.parquet"))) < 18


def test_defaults_are_the_documented_ones() -> None:
    defaults = GeneratorSettings()
    assert (defaults.customers, defaults.transactions, defaults.seed) == (50_000, 13_500_000, 42)
    assert [month.name for month in defaults.months][::17] == ["2025-01", "2026-06"]
