"""The judge of IAM policies that the other tests rely on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.iam import Call, Role, Statement, allows, fits

KEY = "aws:RequestedRegion"
texts = st.text(alphabet="ab*?:/", max_size=8)
plain = st.text(alphabet="ab:/", max_size=8)


def statement(effect: str = "Allow", **elements: Any) -> Statement:
    return {"Effect": effect, "Action": "s3:GetObject", "Resource": "*", **elements}


def conditional(operator: str, wanted: object, key: str = KEY) -> list[Statement]:
    return [statement(Condition={operator: {key: wanted}})]


READ = Call("s3:GetObject", "arn:aws:s3:::bucket/key", {KEY: "eu-west-1"})


@given(plain)
def test_a_pattern_without_wildcards_fits_itself_alone(text: str) -> None:
    assert fits(text, text)
    assert not fits(text, f"{text}a")


@given(plain, plain, plain)
def test_a_star_represents_any_characters_and_a_question_mark_for_one(
    before: str, middle: str, after: str
) -> None:
    assert fits(f"{before}*{after}", before + middle + after)
    assert fits(f"{before}?{after}", before + middle + after) == (len(middle) == 1)


@given(texts, texts)
def test_what_fits_a_pattern_fits_it_with_a_star_behind(pattern: str, text: str) -> None:
    assert fits(f"{pattern}*", text + "a") or not fits(pattern, text)


def test_an_action_is_the_same_in_capitals_and_a_resource_is_not() -> None:
    allowed = [statement(Action="S3:getobject", Resource="arn:aws:s3:::bucket/*")]
    assert allows(allowed, READ)
    assert not allows(allowed, Call("s3:GetObject", "arn:aws:s3:::BUCKET/key"))


def test_nothing_is_allowed_that_no_statement_allows() -> None:
    assert not allows([], READ)
    assert not allows([statement(Action=["s3:PutObject"])], READ)


@given(st.lists(st.sampled_from(["Allow", "Deny"]), min_size=1))
def test_one_denial_weighs_more_than_any_number_of_allowances(effects: list[str]) -> None:
    assert allows([statement(each) for each in effects], READ) == ("Deny" not in effects)


@given(st.booleans(), st.booleans())
def test_a_boundary_allows_nothing_and_takes_away(policy: bool, boundary: bool) -> None:
    allowed, none = [statement()], [statement(Action="s3:PutObject")]
    role = Role(allowed if policy else none, allowed if boundary else none)
    assert role.may(READ) == (policy and boundary)


@pytest.mark.parametrize(
    ("operator", "wanted", "holds"),
    [
        ("StringEquals", "eu-west-1", True),
        ("StringEquals", ["us-east-1", "eu-west-1"], True),
        ("StringEquals", "eu-west-*", False),
        ("StringLike", "eu-west-*", True),
        ("StringNotEquals", ["us-east-1", "eu-west-1"], False),
        ("StringNotEquals", ["us-east-1", "us-west-1"], True),
        ("Null", "true", False),
        ("Null", "false", True),
    ],
)
def test_a_condition_holds_for_one_of_its_values(
    operator: str, wanted: object, holds: bool
) -> None:
    assert allows(conditional(operator, wanted), READ) == holds


@pytest.mark.parametrize(
    ("operator", "holds"),
    [
        *(("StringEquals", False), ("StringLike", False), ("ArnLike", False)),
        *(("StringEqualsIfExists", True), ("StringNotEquals", True)),
        ("ForAllValues:StringEquals", True),
    ],
)
def test_without_a_value_only_these_conditions_hold(operator: str, holds: bool) -> None:
    assert allows(conditional(operator, "eu-west-1", "iam:PassedToService"), READ) == holds


def test_a_condition_for_all_values_holds_when_each_is_wanted() -> None:
    wanted = conditional("ForAllValues:StringLike", ["a.*", "b.*"], "route53:Names")
    assert allows(wanted, Call("s3:GetObject", "*", {"route53:Names": ("a.x", "b.y")}))
    assert not allows(wanted, Call("s3:GetObject", "*", {"route53:Names": ("a.x", "c.y")}))


def test_all_conditions_of_a_statement_hold_or_it_says_nothing() -> None:
    both = [statement(Condition={"StringEquals": {KEY: "eu-west-1"}, "StringLike": {KEY: "us-*"}})]
    assert not allows(both, READ)


@pytest.mark.parametrize(
    ("pattern", "arn", "holds"),
    [
        ("arn:aws:iam::1:policy/x-*", "arn:aws:iam::1:policy/x-y", True),
        ("arn:aws:iam::*:policy/x", "arn:aws:iam::1:policy/x", True),
        ("arn:*", "arn:aws:iam::1:policy/x", False),
        ("arn:aws:*:policy/x", "arn:aws:iam::1:policy/x", False),
    ],
)
def test_a_star_in_an_arn_does_not_reach_beyond_its_part(
    pattern: str, arn: str, holds: bool
) -> None:
    call = Call("s3:GetObject", "*", {"iam:PermissionsBoundary": arn})
    assert allows(conditional("ArnLike", pattern, "iam:PermissionsBoundary"), call) == holds


@pytest.mark.parametrize(
    ("unknown", "message"),
    [
        (statement(NotAction="s3:*"), "elements of a statement: NotAction"),
        (statement(NotResource="*"), "elements of a statement: NotResource"),
        (
            statement(Condition={"NumericLessThan": {"s3:max-keys": "1"}}),
            "operator of a condition: NumericLessThan",
        ),
        (
            statement(Condition={"ForAnyValue:StringEquals": {KEY: "eu-west-1"}}),
            "operator of a condition: ForAnyValue:StringEquals",
        ),
    ],
)
def test_what_the_judge_does_not_know_it_does_not_judge(unknown: Statement, message: str) -> None:
    with pytest.raises(NotImplementedError, match=message):
        allows([unknown], READ)


def test_several_values_are_not_judged_where_one_is_compared() -> None:
    several = Call("s3:GetObject", "*", {KEY: ("eu-west-1", "eu-central-1")})
    with pytest.raises(NotImplementedError, match="several values want ForAllValues"):
        allows(conditional("StringEquals", "eu-west-1"), several)
