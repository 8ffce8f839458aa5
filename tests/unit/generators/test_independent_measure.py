"""What an outsider measures from the files alone: bands, churn that can be foreseen but not known, the campaign."""

from __future__ import annotations

from generators.lake import Summary
from tests.bench import churn, data


def test_every_band_is_met(lake: Summary) -> None:
    values = data.measure(lake.out)
    assert len(values) == 26
    assert not {name: value for name, (low, high, value) in values.items() if not low <= value <= high}


def test_churn_can_be_foreseen_but_is_not_certain(lake: Summary) -> None:
    found = churn.measure(lake.out, (90,))
    assert {foresight.active_days for foresight in found} == {60, 45, 30}
    # About 150 of 4,300 customers leave: two standard errors of the AUC are 0.04.
    assert all(churn.LOW - 0.04 <= foresight.auc <= churn.HIGH + 0.02 for foresight in found)


def test_campaign_effect_is_recovered(lake: Summary) -> None:
    assert data.campaign_recovered(lake.out)
