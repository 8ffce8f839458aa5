"""Plans without an account: complete, readable, and those of the golden files."""

from __future__ import annotations

import difflib
import json

import pytest
from typer.testing import CliRunner

from c360 import stacks
from c360.blueprint import render
from c360.cli import cli
from c360.workspace import Workspace
from local_cloud.engine import Plan, Step
from local_cloud.engine.model import PropertyDiff
from tests.golden import STACKS, golden_file, plan_text
from tests.unit.infra.program import REPOSITORY, run

# Importing the SDK's S3 module warns about its own old resource names.
pytestmark = pytest.mark.filterwarnings("ignore:aws.s3:DeprecationWarning")


@pytest.mark.parametrize("stack", STACKS)
def test_the_plan_is_the_golden_one(stack: str) -> None:
    golden, now = golden_file(stack).read_text(encoding="utf-8"), plan_text(stack)
    changes = list(difflib.unified_diff(golden.splitlines(), now.splitlines(), "golden", "now", n=1, lineterm=""))
    assert not changes, "\n".join([*changes[:80], "If this is what you want: make golden"])


@pytest.fixture(scope="module")
def plan() -> Plan:
    return stacks.blueprint(Workspace(REPOSITORY, REPOSITORY), "prod")


def test_plans_whatever_the_program_registers(plan: Plan) -> None:
    registered = {(each.type, each.name) for each in run("prod").resources.values()}
    assert {(step.type, step.name) for step in plan.steps} == registered
    assert plan.counts == {"create": len(registered)}


def test_shows_the_trust_loop(plan: Plan) -> None:
    steps = {(step.type.rsplit(":", 1)[-1], step.name): step for step in plan.steps}
    role = steps["Role", "snowflake-access"]
    trust = json.loads(role.documents["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"AWS": "arn:aws:iam::<account of Snowflake>:user/<user of Snowflake>"}
    integration = steps["StorageIntegrationAws", "lake-integration"]
    assert f"'{plan.outputs['role_arn']}'" in integration.sql[0]
    assert trust["Condition"]["StringEquals"]["sts:ExternalId"] in integration.sql[0]
    assert integration.urn in role.dependencies
    assert integration.protect


def test_leaves_nothing_unknown_but_what_only_snowflake_can_say(plan: Plan) -> None:
    unknown = {key for key, value in plan.outputs.items() if "<unknown>" in json.dumps(value)}
    assert unknown == {"notification_channel", "trust"}
    assert not [statement for statement in plan.sql if "<unknown>" in statement]
    assert not [text for found in plan.documents.values() for text in found.values() if "<unknown>" in text]


def test_the_command_needs_neither_account_nor_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("PATH", "")
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SNOWFLAKE_PASSWORD"):
        monkeypatch.delenv(variable, raising=False)
    shown = CliRunner().invoke(cli, ["preview", "--stack", "prod", "--offline", "--sql"])
    assert shown.exit_code == 0
    assert 'CREATE DATABASE "CUSTOMER_ANALYTICS" DATA_RETENTION_TIME_IN_DAYS = 7' in shown.stdout
    as_json = CliRunner().invoke(cli, ["preview", "--stack", "dev", "--offline", "--json"])
    assert json.loads(as_json.stdout)["outputs"]["database"] == "CUSTOMER_ANALYTICS_DEV"


def step(name: str, *needs: str, component: str = "Group", count: int = 0) -> Step:
    urns = tuple(f"urn:pulumi:dev::p::customer360:x:{component}$toy:index/t:T::{need}" for need in needs)
    return Step(
        "create",
        f"urn:pulumi:dev::p::customer360:x:{component}$toy:index/t:T::{name}",
        "toy:index/t:T",
        name,
        (PropertyDiff("size", None, count),),
        dependencies=urns,
    )


def test_says_what_comes_right_before_and_sums_up_the_many() -> None:
    chain = [step("a"), step("b", "a"), step("c", "a", "b")]
    text = render(Plan(tuple(reversed(chain)), {}, {}), "Toy")
    assert text.splitlines()[:4] == ["# Toy: 3 objects in 1 groups", "", "## Group", "+ toy T a"]
    assert text.count("needs: a") == 1
    assert "+ toy T c\n    needs: b\n    size: 0\n" in text
    many = [step(f"n{number}") for number in range(7)]
    summed = render(Plan((*many, step("last", *(each.name for each in many))), {}, {}), "Toy")
    assert "needs: 7 of Group" in summed
