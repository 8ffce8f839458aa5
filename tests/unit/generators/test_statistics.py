"""Generated data meets the bands of a realistic portfolio, measured from its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from generators.lake import Summary
from generators.report import print_report, write_html
from generators.statistics import Statistic, campaign_lift, measure, open_lake


@pytest.fixture(scope="module")
def measured(lake: Summary) -> list[Statistic]:
    return measure(lake.out)


def test_every_band_is_met(measured: list[Statistic]) -> None:
    missed = [statistic for statistic in measured if not statistic.ok]
    assert not missed
    assert len(measured) >= 40


def test_segments_can_be_told_from_behaviour_alone(measured: list[Statistic]) -> None:
    agreement = next(statistic for statistic in measured if "recognised" in statistic.name)
    assert 0.90 <= agreement.value < 1


def test_campaign_effect_is_recovered_within_its_interval(lake: Summary) -> None:
    with open_lake(lake.out) as database:
        lift, error = campaign_lift(lambda sql: database.execute(sql).fetchall())
        truth = str(lake.out / "truth/customers.parquet")
        ((planted,),) = database.execute(
            "select avg(treatment_effect) from read_parquet(?) where campaign_group = 'treatment'", [truth]
        ).fetchall()
    assert 0.10 <= planted <= 0.20
    assert abs(lift - planted) <= error


def test_a_missed_band_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_report([Statistic("share of nothing", 0.1, 0.2, 0.5), Statistic("share of all", 0.9, 1, 1.0)])
    printed = capsys.readouterr().out
    assert "missed" in printed
    assert "1 of 2 bands met" in printed


def test_report_is_one_file_without_network(lake: Summary, measured: list[Statistic], tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    write_html(lake.out, measured, file)
    text = file.read_text()
    assert text.count("<svg") == 8
    assert text.count("<td class='met'>ok</td>") == len(measured)
    assert "http" not in text


def test_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="run `python -m generators all"):
        measure(tmp_path)
