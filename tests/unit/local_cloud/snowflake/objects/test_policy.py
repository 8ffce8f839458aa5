"""The evaluator of AWS policies, against the rules of IAM's reference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.snowflake.objects.policy import UnsupportedPolicyError, allows, arn_like, like

USER = "arn:aws:iam::210987654321:user/abcd0000-s"
ROLE = "arn:aws:iam::123456789012:role/lake"
TOPIC = "arn:aws:sns:us-east-1:123456789012:landing"


def document(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"} | statement]}


def trust(**changes: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": USER},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "x1"}},
    }
    return {"Version": "2012-10-17", "Statement": statement | changes}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"Principal": {"AWS": [USER, "arn:aws:iam::1:user/other"]}}, True),
        ({"Principal": {"AWS": "210987654321"}}, True),
        ({"Principal": {"AWS": "arn:aws:iam::210987654321:root"}}, True),
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "arn:aws:iam::210987654321:user/*"}}, False),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, False),
        ({"Principal": {"Service": USER}}, False),
        ({"Action": "sts:*"}, True),
        ({"Action": ["sts:TagSession"]}, False),
        ({"Effect": "Deny"}, False),
        ({"Condition": {"StringEquals": {"sts:ExternalId": ["x0", "x1"]}}}, True),
        ({"Condition": {"StringEquals": {"sts:ExternalId": "X1"}}}, False),
        ({"Condition": {"StringEquals": {"sts:externalid": "x1"}}}, True),
        ({"Condition": {"StringLike": {"sts:ExternalId": "x?"}}}, True),
    ],
)
def test_trust_policies(changes: dict[str, Any], expected: bool) -> None:
    assert allows(trust(**changes), USER, "sts:AssumeRole", ROLE, {"sts:ExternalId": "x1"}) is expected


def test_no_principal_in_a_trust_policy_trusts_nobody() -> None:
    assert not allows(document(), USER, "sts:AssumeRole", ROLE)


def test_a_service_is_a_principal() -> None:
    policy = document(Principal={"Service": "s3.amazonaws.com"}, Action="SNS:Publish", Resource=TOPIC)
    assert allows(policy, "s3.amazonaws.com", "sns:Publish", TOPIC)
    assert not allows(policy, "events.amazonaws.com", "sns:Publish", TOPIC)
    assert not allows(policy, USER, "sns:Publish", TOPIC)


def test_deny_in_any_document_wins() -> None:
    assert not allows([document(), document(Effect="Deny", Action="s3:Put*")], None, "s3:PutObject", "arn:aws:s3:::b/k")
    assert allows([document(), document(Effect="Deny", Action="s3:Put*")], None, "s3:GetObject", "arn:aws:s3:::b/k")


@pytest.mark.parametrize(
    ("resource", "asked", "expected"),
    [
        ("arn:aws:s3:::b/in/*", "arn:aws:s3:::b/in/a/b.csv", True),
        ("arn:aws:s3:::b/in/*", "arn:aws:s3:::b/out/a.csv", False),
        ("arn:aws:s3:::b", "arn:aws:s3:::b/in/a.csv", False),
        (["arn:aws:s3:::c/*", "arn:aws:s3:::b/?n/*"], "arn:aws:s3:::b/in/a.csv", True),
        ("arn:aws:s3:::B/in/*", "arn:aws:s3:::b/in/a.csv", False),
    ],
)
def test_resources(resource: Any, asked: str, expected: bool) -> None:
    assert allows(document(Resource=resource), None, "s3:GetObject", asked) is expected


def test_not_action_and_not_resource() -> None:
    policy = {"Statement": [{"Effect": "Allow", "NotAction": "s3:Delete*", "NotResource": "arn:aws:s3:::secret/*"}]}
    assert allows(policy, None, "s3:GetObject", "arn:aws:s3:::b/k")
    assert not allows(policy, None, "s3:deleteobject", "arn:aws:s3:::b/k")
    assert not allows(policy, None, "s3:GetObject", "arn:aws:s3:::secret/k")


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringLike": {"s3:prefix": ["in/*"]}}, {"s3:prefix": "in/2025/"}, True),
        ({"StringLike": {"s3:prefix": ["in/*"]}}, {"s3:prefix": "out/"}, False),
        ({"StringLike": {"s3:prefix": ["in/*"]}}, {}, False),
        ({"StringLikeIfExists": {"s3:prefix": ["in/*"]}}, {}, True),
        ({"StringNotEquals": {"aws:PrincipalAccount": "1"}}, {}, True),
        ({"StringNotEquals": {"aws:PrincipalAccount": ["1", "2"]}}, {"aws:PrincipalAccount": "2"}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": True}, False),
        ({"Bool": {"aws:SecureTransport": False}}, {"aws:SecureTransport": False}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:lake"}}, {"aws:SourceArn": "arn:aws:s3:::lake"}, True),
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::lake"}}, {"aws:SourceArn": "arn:aws:s3:::lake2"}, False),
        ({"Null": {"aws:TokenIssueTime": "true"}}, {}, True),
        ({"Null": {"aws:TokenIssueTime": "false"}}, {}, False),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "10"}, True),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "11"}, False),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}, {"aws:TagKeys": ["a", "b"]}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}, {"aws:TagKeys": ["a", "b"]}, False),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}, {}, True),
        ({"StringEquals": {"s3:prefix": "${aws:username}/"}}, {"s3:prefix": "me/", "aws:username": "me"}, True),
        ({"StringEquals": {"s3:prefix": "${aws:username}/"}}, {"s3:prefix": "me/"}, False),
        ({"StringEquals": {"a": "1"}, "StringLike": {"b": "2*"}}, {"a": "1", "b": "3"}, False),
    ],
)
def test_conditions(condition: dict[str, Any], context: dict[str, Any], expected: bool) -> None:
    assert allows(document(Condition=condition), None, "s3:ListBucket", "arn:aws:s3:::b", context) is expected


def test_an_unknown_operator_is_an_error_not_a_grant() -> None:
    with pytest.raises(UnsupportedPolicyError, match="IpAddress on aws:SourceIp"):
        allows(
            document(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), None, "s3:GetObject", "arn:aws:s3:::b/k"
        )


@given(st.text(alphabet="ab/*?:", max_size=12))
def test_every_text_is_like_itself_and_a_star(value: str) -> None:
    assert like(value, value)
    assert like("*", value)
    assert like("?" * len(value), value)


@given(st.text(alphabet="ab/", max_size=8), st.text(alphabet="ab/", max_size=8), st.text(alphabet="ab/", max_size=8))
def test_a_star_stands_for_any_middle(start: str, middle: str, end: str) -> None:
    assert like(f"{start}*{end}", start + middle + end)
    assert not like(f"{start}*{end}", f"c{start}{middle}{end}") or start == ""


@given(st.text(alphabet="ab*", max_size=6))
def test_arns_have_six_parts(text: str) -> None:
    assert not arn_like(text, "arn:aws:s3:::b")
    assert arn_like("arn:*:*:*:*:*", f"arn:aws:s3:::{text}")


@given(
    st.lists(st.tuples(st.sampled_from(["Allow", "Deny"]), st.sampled_from(["s3:Get*", "s3:*", "sns:*"])), max_size=5),
    st.sampled_from(["s3:GetObject", "s3:PutObject", "sns:Publish", "sqs:SendMessage"]),
)
def test_decision_does_not_depend_on_the_order_of_statements(pairs: list[tuple[str, str]], action: str) -> None:
    statements = [{"Effect": effect, "Action": pattern, "Resource": "*"} for effect, pattern in pairs]
    matching = [effect for effect, pattern in pairs if like(pattern, action)]
    expected = bool(matching) and "Deny" not in matching
    assert allows({"Statement": statements}, None, action, "x") is expected
    assert allows({"Statement": statements[::-1]}, None, action, "x") is expected
