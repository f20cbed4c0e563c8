"""Properties of reviews of any set of changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.review.impact.plan_review import review
from iot_dr.review.impact.review import Review
from iot_dr.review.read.plan_source import PlanSource
from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import (
    CERTIFICATE,
    DELEGATION,
    DOMAIN,
    FLEET,
    IRELAND,
    LOAD,
    NOTE,
    OHIO,
    OHIO_CHECK,
    PAGE,
    POLICY,
    PRIMARY,
    SECONDARY,
    SPARE_CHECK,
    SWITCH,
    TABLE,
    TCP_CHECK,
    VALIDATION,
    ZONE,
    Json,
    plan,
    source,
)

# Changes by address, from harmless to worst; none undoes another.
LADDERS: Final[Mapping[str, tuple[Json | None, ...]]] = {
    ZONE: ({"comment": "x"}, {"force_destroy": True}, None),
    DELEGATION: ({"ttl": 300}, {"records": ["ns-9.example.net"]}, None),
    VALIDATION: ({"ttl": 300}, {"records": ["_y.acm-validations.aws."]}, None),
    PRIMARY: ({"ttl": 30}, {"ttl": 300}),
    SECONDARY: ({"ttl": 30}, {"ttl": 300}),
    IRELAND: ({"ttl": 300}, {"records": ["b-ats.iot.eu-west-1.amazonaws.com"]}),
    OHIO: ({"ttl": 30}, {"records": ["b-ats.iot.us-east-2.amazonaws.com"]}),
    NOTE: ({"records": ["x"]}, None),
    TCP_CHECK: ({"tags": {"Name": "x"}}, {"failure_threshold": 9}),
    OHIO_CHECK: ({"tags": {"Name": "x"}}, {"failure_threshold": 9}),
    SPARE_CHECK: ({"tags": {"Name": "x"}}, {"port": 443}, None),
    SWITCH: ({"alarm_description": "x"}, {"threshold": 3}, None),
    PAGE: ({"alarm_description": "x"}, {"threshold": 3}, None),
    LOAD: ({"threshold": 3}, None),
    DOMAIN: ({"tags": {}}, {"status": "DISABLED"}, None),
    CERTIFICATE: ({"tags": {}}, None),
    POLICY: ({"tags": {"a": "b"}}, {"policy": "{}"}, None),
    TABLE: ({"read_capacity": 9}, None),
}
PARTS: Final = {
    "zone": (ZONE, DELEGATION, VALIDATION, CERTIFICATE, NOTE, TABLE),
    "ireland": (IRELAND, DOMAIN, POLICY, LOAD),
    "ohio": (OHIO,),
}

Steps = dict[str, int]
"""The position of each address on its ladder of changes."""

some_steps = st.fixed_dictionaries(
    {},
    optional={address: st.integers(0, len(ladder) - 1) for address, ladder in LADDERS.items()},
)


def reviewed(steps: Steps) -> Review:
    return review(fleet(steps), None)


def fleet(steps: Steps) -> PlanSource:
    """Return the plans of four stacks that take these steps."""
    rest = [each for each in FLEET if not any(each in part for part in PARTS.values())]
    return source(
        **{
            name: plan(
                {each: LADDERS[each][steps[each]] for each in addresses if each in steps},
                standing={each: FLEET[each] for each in addresses},
            )
            for name, addresses in {**PARTS, "entry": tuple(rest)}.items()
        }
    )


@given(steps=some_steps, data=st.data())
def test_the_order_of_plans_makes_no_difference(steps: Steps, data: st.DataObject) -> None:
    plans = fleet(steps)
    order = data.draw(st.permutations(plans.stacks))
    assert review(replace(plans, stacks=tuple(order)), None) == review(plans, None)


@given(steps=some_steps, data=st.data())
def test_more_or_worse_changes_never_improve_the_verdict(steps: Steps, data: st.DataObject) -> None:
    address = data.draw(st.sampled_from(sorted(LADDERS)))
    highest = len(LADDERS[address]) - 1
    worse = data.draw(st.integers(min(steps.get(address, 0), highest), highest))
    assert reviewed(steps).verdict.severity <= reviewed({**steps, address: worse}).verdict.severity


@given(steps=some_steps)
def test_the_verdict_is_the_worst_and_its_reason_is_one_line(
    steps: Steps,
) -> None:
    result = reviewed(steps)
    verdicts = [each.verdict for each in (*result.device_changes, *result.judgement.findings)]
    assert result.verdict is max(verdicts, key=lambda each: each.severity, default=Verdict.OK)
    assert result.reason
    assert "\n" not in result.reason
    changed = [(each.change.stack, each.change.address) for each in result.device_changes]
    assert len(changed) == len(set(changed))
    weights = [each.verdict.severity for each in result.device_changes]
    assert weights == sorted(weights, reverse=True)
