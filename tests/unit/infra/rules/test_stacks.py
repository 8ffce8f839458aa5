"""Every stack keeps every rule; the command and the policy pack tell when one does not."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from google.protobuf import struct_pb2  # type: ignore[import-untyped]  # ships no types
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer

from infra import policies
from infra.offline import Program, stacks
from infra.rules import __main__ as command
from infra.rules.crossguard import policies as pack
from tests.unit.infra.program import STACKS, run

# Importing the SDK's S3 module warns about its own old resource names.
pytestmark = pytest.mark.filterwarnings("ignore:aws.s3:DeprecationWarning")
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.mark.parametrize("stack", STACKS)
def test_keeps_every_rule(stack: str) -> None:
    assert command.stack_breaches(stack, run(stack)) == []


def test_every_stack_is_planned() -> None:
    assert stacks() == sorted(STACKS)


def without(stack: str, type_end: str) -> Program:
    resources = {urn: each for urn, each in run(stack).resources.items() if not each.type.endswith(":" + type_end)}
    return Program(resources)


@pytest.mark.parametrize(
    "type_end", ["BucketPublicAccessBlock", "BucketServerSideEncryptionConfiguration", "BucketPolicy"]
)
def test_a_stack_without_a_companion_of_its_bucket_breaks_a_rule(type_end: str) -> None:
    (breach,) = command.stack_breaches("prod", without("prod", type_end))
    assert breach.rule == "buckets-private-encrypted"


def test_the_command_prints_breaches_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unprotected(stack: str) -> Program:
        found = run(stack).resources
        return Program({urn: dataclasses.replace(each, protect=False) for urn, each in found.items()})

    monkeypatch.setattr(command, "run_offline", unprotected)
    assert command.main(["prod"]) == 1
    lines = capsys.readouterr().err.splitlines()
    # Bucket, database, storage integration, and the eight tables.
    assert len(lines) == 11
    assert all(line.startswith("prod: ") and line.endswith("[stateful-protected]") for line in lines)
    assert command.main(["local"]) == 0


class TestPolicyPack:
    """Through the service that the Pulumi engine calls."""

    @pytest.fixture
    def analyzer(self) -> Any:
        return _PolicyAnalyzerServicer("customer360", "1.0.0", pack(), EnforcementLevel.MANDATORY, None)

    @staticmethod
    def properties(inputs: dict[str, Any]) -> Any:
        found = struct_pb2.Struct()
        found.update(inputs)
        return found

    def test_refuses_a_resource(self, analyzer: Any) -> None:
        request = analyzer_pb2.AnalyzeRequest(
            type="aws:sqs/queue:Queue", name="audit", properties=self.properties({"name": "audit"})
        )
        (found,) = analyzer.Analyze(request, None).diagnostics
        assert found.policyName == "queues-encrypted"
        assert found.enforcementLevel == analyzer_pb2.MANDATORY

    def test_leaves_unknown_documents_alone(self, analyzer: Any) -> None:
        for policy, count in (
            (UNKNOWN, 0),
            (policies.tls_only("b"), 0),
            ('{"Statement": {"Effect": "Allow", "Action": "*"}}', 1),
        ):
            request = analyzer_pb2.AnalyzeRequest(
                type="aws:sns/topicPolicy:TopicPolicy", name="p", properties=self.properties({"policy": policy})
            )
            assert len(analyzer.Analyze(request, None).diagnostics) == count

    @pytest.mark.parametrize(("stack", "count"), [("prod", 1), ("local", 0)])
    def test_judges_a_stack_as_a_whole(self, analyzer: Any, stack: str, count: int) -> None:
        type_ = "snowflake:index/database:Database"
        database = analyzer_pb2.AnalyzerResource(
            type=type_,
            name="database",
            urn=f"urn:pulumi:{stack}::customer360::{type_}::database",
            properties=self.properties({"name": "D"}),
        )
        found = analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[database]), None).diagnostics
        assert [each.policyName for each in found] == ["stateful-protected"] * count
