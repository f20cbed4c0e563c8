"""Grants written as few statements: no shorter text may allow more, or less."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from modules.policy_document import policy_length
from stacks.permissions.grant import Grant
from stacks.permissions.policy import allow, deny
from tests.support.iam import Call, allows

SERVICES = ("s3", "sns", "iot")
CONDITIONS: tuple[dict[str, dict[str, str]], ...] = (
    {},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
)


def grant(service: str, verbs: list[str], names: list[str], where: int) -> Grant:
    return Grant(
        tuple(f"{service}:{verb}" for verb in verbs),
        tuple(f"arn:aws:{service}:::{name}" for name in names),
        CONDITIONS[where],
    )


verbs, names = ["Get", "Put"], ["a", "b", "c"]
some = st.lists
grants = some(
    st.builds(
        grant,
        st.sampled_from(SERVICES),
        some(st.sampled_from(verbs), min_size=1, unique=True),
        some(st.sampled_from(names), min_size=1, unique=True),
        st.integers(0, 1),
    ),
    max_size=8,
)
CALLS = [
    Call(f"{service}:{verb}", f"arn:aws:{service}:::{name}", context)
    for service in SERVICES
    for verb in verbs
    for name in names
    for context in ({}, {"aws:RequestedRegion": "eu-west-1"})
]


def plainly(granted: list[Grant]) -> list[dict[str, Any]]:
    return [
        {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": grant.condition}
        for grant in granted
        for action in grant.actions
        for resource in grant.resources
    ]


@given(grants)
def test_statements_allow_what_grants_say_and_nothing_else(granted: list[Grant]) -> None:
    statements = allow(granted)
    assert [allows(statements, call) for call in CALLS] == [
        allows(plainly(granted), call) for call in CALLS
    ]


@given(grants, st.randoms())
def test_the_order_of_grants_changes_nothing(granted: list[Grant], random: Any) -> None:
    shuffled = list(granted)
    random.shuffle(shuffled)
    assert allow(shuffled) == allow(granted)


def test_an_action_that_knows_no_resource_opens_none_to_others() -> None:
    statements = allow(
        [Grant(("iot:DescribeEndpoint",), ("*",), {}), Grant(("s3:Put",), ("arn:aws:s3:::a",), {})]
    )
    assert not allows(statements, Call("s3:Put", "arn:aws:s3:::b"))


def test_services_share_a_statement_and_resources_of_one_service_do_not() -> None:
    both = allow([grant("s3", ["Get"], ["a"], 0), grant("sns", ["Put"], ["b"], 0)])
    assert len(both) == 1
    apart = allow([grant("s3", ["Get"], ["a"], 0), grant("s3", ["Put"], ["b"], 0)])
    assert len(apart) == 2


def test_nothing_undoes_a_denial() -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = deny(["iam:CreateRole"], ["arn:aws:iam::1:role/x"])
    assert not allows([everything, denied], Call("iam:CreateRole", "arn:aws:iam::1:role/x"))


def test_white_space_does_not_count() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    whole = (
        '{"Version":"2012-10-17","Statement":['
        '{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
    )
    assert policy_length([statement]) == len(whole)


def test_what_was_created_before_does_not_change_the_order_of_resources() -> None:
    def order(first: int) -> list[int]:
        bucket, key = (f"${{TfToken[TOKEN.{first + place}]}}" for place in range(2))
        grants = [Grant(("s3:GetObject",), (f"{bucket}/*", bucket, key), {})]
        written = (
            allow(grants)[0]["Resource"],
            deny(["s3:*"], [key, f"{bucket}/*", bucket])["Resource"],
        )
        return [each.index(name) for each in written for name in (bucket, f"{bucket}/*", key)]

    assert order(10) == order(99) == order(999)
