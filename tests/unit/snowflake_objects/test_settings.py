"""Settings: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from snowflake_objects.naming import Workload
from snowflake_objects.settings import REGIONS, Settings, parse_settings, read_settings
from tests.unit.snowflake_objects.settings_values import values

REPOSITORY = Path(__file__).resolve().parents[3]


def refusal(changed: dict[str, Any], stack: str = "dev") -> list[str]:
    with pytest.raises(pulumi.RunError) as error:
        parse_settings(changed, stack)
    return str(error.value).removeprefix(f"Pulumi.{stack}.yaml: ").split("\n")


@pytest.mark.parametrize(
    ("path", "value", "allowed"),
    [
        ("region", "mars-1", "one of 'us-east-1', "),
        ("environment", "Dev!", "text that matches ^[a-z]"),
        ("owner", "nobody", "text that matches "),
        ("dataRetentionDays", 91, "90 or less."),
        ("dataRetentionDays", "soon", "a whole number."),
        ("lake.historyToInfrequentAccessDays", 29, "30 or more."),
        ("lake.forceDestroy", "perhaps", "true or false."),
        ("warehouses.load.size", "HUGE", "one of 'XSMALL', "),
        ("warehouses.load.autoSuspendSeconds", 5, "60 or more."),
        ("landing.auditRetentionDays", 15, "14 or less."),
        ("snowflake.port", 70000, "65535 or less."),
        ("aws.accountId", "12", "text that matches ^\\d{12}$."),
        ("aws.endpoint", "localhost", "text that matches ^https?://"),
        ("alertAddresses", [], "at least 1 entries."),
        ("alertAddresses", ["a@b.c", "a@b.c"], "each address once."),
        ("schedules.churnRefresh", "daily", "text that matches "),
        ("tags", {"aws:mine": "x"}, "at most 40 tags, "),
        ("externalId", "short", "text that matches "),
        ("features", "all", "a group of keys."),
    ],
)
def test_a_bad_value_is_one_sentence_with_key_value_and_what_is_allowed(path: str, value: Any, allowed: str) -> None:
    (only,) = refusal(values(path, value))
    assert only.startswith(f"customer360:{path} is {value!r}; allowed: {allowed}")
    assert only.endswith(".")


@pytest.mark.parametrize("path", ["lake.colour", "snowflake.password", "warehouses.load.sise"])
def test_an_unknown_key_is_an_error(path: str) -> None:
    assert refusal(values(path, "x")) == [f"customer360:{path} is not a setting; remove it or correct its spelling."]


def test_all_problems_are_told_at_once() -> None:
    changed = values("region", "mars-1") | {"dataRetentionDays": -1}
    del changed["owner"]
    assert len(refusal(changed)) == 3
    assert "customer360:owner is missing; set it in the stack's file." in refusal(changed)


def test_glacier_comes_after_infrequent_access() -> None:
    lake = {"historyToInfrequentAccessDays": 90, "historyToGlacierDays": 100}
    (only,) = refusal(values("lake", lake))
    assert "allowed: historyToGlacierDays at least 30 days after historyToInfrequentAccessDays" in only


def test_the_environment_is_the_stacks() -> None:
    (only,) = refusal(values("environment", "prod"))
    assert only.startswith("customer360:environment is 'prod'; allowed: 'dev', the name of the stack")
    assert parse_settings(values(), "acme/customer360/dev").environment == "dev"


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_a_committed_stack_is_complete_but_for_what_its_deployer_must_say(stack: str) -> None:
    problems = refusal(_plain(stack), stack)
    assert [line.split(" is ", 1)[0] for line in problems] == [
        "customer360:snowflake.organization",
        "customer360:snowflake.account",
    ]
    assert all("the stack file still holds the placeholder" in line for line in problems)


def test_the_local_stack_needs_nothing_more() -> None:
    settings = parse_settings(_plain("local"), "local")
    assert settings.snowflake.account_identifier == "LOCAL-C360"
    assert settings.aws.endpoint == "http://127.0.0.1:5566"


def _plain(stack: str) -> dict[str, Any]:
    config = yaml.safe_load((REPOSITORY / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    return {key.split(":", 1)[1]: value for key, value in config.items() if key.startswith("customer360:")}


def test_pulumi_hands_over_text_and_json() -> None:
    config = {
        f"customer360:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in values().items()
    }
    pulumi.runtime.set_all_config(config)
    try:
        settings = read_settings(pulumi.Config("customer360"), "dev")
    finally:
        pulumi.runtime.set_all_config({})
    assert settings == parse_settings(values(), "dev")
    assert settings.data_retention_days == 1


@given(st.sampled_from(REGIONS), st.integers(0, 90), st.sampled_from(["XSMALL", "SMALL", "XXLARGE"]))
def test_what_is_allowed_is_accepted(region: str, days: int, size: str) -> None:
    changed = values("warehouses", {"ml": {"size": size}}) | {"region": region, "dataRetentionDays": days}
    settings = parse_settings(changed, "dev")
    assert (settings.region, settings.data_retention_days) == (region, days)
    assert settings.warehouses.of(Workload.ML).size == size


@given(st.integers() | st.text(max_size=20) | st.none() | st.booleans() | st.lists(st.integers(), max_size=3))
def test_no_value_escapes_as_anything_but_a_sentence(value: Any) -> None:
    changed = values("warehouses.load", {"statementTimeoutSeconds": value})
    try:
        seconds = parse_settings(changed, "dev").warehouses.load.statement_timeout_seconds
    except pulumi.RunError:
        (only,) = refusal(changed)
        assert only.startswith("customer360:warehouses.load.statementTimeoutSeconds is ")
    else:
        assert 60 <= seconds <= 172_800


class TestExternalId:
    def test_is_the_same_at_every_run_and_another_for_every_stack(self) -> None:
        def external_id(environment: str, account: str) -> str:
            changed = values("snowflake.account", account) | {"environment": environment}
            return parse_settings(changed, environment).pinned_external_id

        assert external_id("dev", "A1") == external_id("dev", "a1")
        assert len({external_id("dev", "A1"), external_id("dev", "A2"), external_id("prod", "A1")}) == 3

    def test_can_be_given(self) -> None:
        assert (
            parse_settings(values("externalId", "agreed-with-security"), "dev").pinned_external_id
            == "agreed-with-security"
        )


def test_tags_of_the_platform_win_over_the_stacks() -> None:
    settings = parse_settings(values("tags", {"owner": "someone", "team": "growth"}), "dev")
    assert settings.all_tags["owner"] == "team@example.com"
    assert settings.all_tags["team"] == "growth"


def test_settings_do_not_change_after_reading() -> None:
    settings: Settings = parse_settings(values(), "dev")
    with pytest.raises(ValueError, match="frozen"):
        settings.region = "us-west-2"  # type: ignore[misc]
