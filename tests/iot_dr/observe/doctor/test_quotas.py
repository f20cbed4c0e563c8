"""Each quota: enough, too small, and unreadable."""

from typing import Any

import pytest

from environments.settings import Settings
from iot_dr.observe.doctor.checks import quotas
from iot_dr.observe.doctor.finding import AccountFinding
from tests.iot_dr.observe.doctor.world import CENTRAL, WEST, Answers, World, refusal
from tests.support.pipeline import PIPELINE
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

SUMMARY = {"Roles": 10, "RolesQuota": 1000, "Policies": 10, "PoliciesQuota": 1500}
STREAMS = {
    "OnDemandStreamCount": 0,
    "OnDemandStreamCountLimit": 50,
    "OpenShardCount": 0,
    "ShardLimit": 500,
}


def value(number: float) -> dict[str, Any]:
    return {"Quota": {"Value": number}}


def limit(count: int, number: int) -> dict[str, Any]:
    return {"Count": count, "Limit": {"Value": number}}


ENOUGH: Answers = {
    "get_account_limit": limit(0, 200),
    "get_account_summary": {"SummaryMap": SUMMARY},
    "list_domain_configurations": {
        "domainConfigurations": [{"domainConfigurationName": "iot:Data-ATS"}]
    },
    "describe_limits": STREAMS,
    "get_service_quota": value(1_000_000),
}


def shortages(
    synthesis: Synthesis, answers: Answers, chosen: Settings | None = None
) -> list[AccountFinding]:
    world = World({**ENOUGH, **answers}, settings=chosen or settings())
    findings = list(quotas.examine(world.account(synthesis)))
    return [finding for finding in findings if finding.status != "ok"]


def test_an_account_with_enough_of_all_lacks_nothing(synthesis: Synthesis) -> None:
    assert shortages(synthesis, {}, settings(data={}, pipeline=PIPELINE)) == []


def test_what_exists_and_what_is_added_must_fit(synthesis: Synthesis) -> None:
    (finding,) = shortages(synthesis, {"get_account_limit": limit(191, 200)})
    assert finding.message == "health checks: 191 used of 200, and 10 more are needed"
    assert "--quota-code L-ACB674F3 --desired-value 201 --region us-east-1" in finding.commands[0]
    assert (finding.blocks, finding.region) == (True, "")


def test_what_is_in_a_state_needs_no_more(synthesis: Synthesis) -> None:
    world = World({**ENOUGH, "get_account_limit": limit(200, 200)})
    for name, stack in synthesis(world.settings).items():
        region = stack.backend["region"]
        world.state(
            name, *(f"{each.type}.{each.logical_id}" for each in stack.blocks()), region=region
        )
    statuses = {each.status for each in quotas.examine(world.account(synthesis))}
    assert statuses == {"ok"}


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        ({"get_account_summary": {"SummaryMap": {**SUMMARY, "Roles": 999}}}, "IAM roles"),
        ({"get_account_summary": {"SummaryMap": {**SUMMARY, "Policies": 1500}}}, "IAM policies"),
        ({"describe_limits": {**STREAMS, "OnDemandStreamCount": 50}}, "on-demand streams"),
        ({"get_service_quota": value(0)}, "concurrent builds (BUILD_GENERAL1_MEDIUM)"),
        ({"get_service_quota": value(1)}, "domain configurations"),
        ({"get_service_quota": value(499)}, "connect rate of devices"),
        ({"get_service_quota": value(99_999)}, "connections of devices"),
    ],
)
def test_each_quota_can_be_too_small(synthesis: Synthesis, answers: Answers, what: str) -> None:
    lacking = shortages(synthesis, answers, settings(data={}, pipeline=PIPELINE))
    assert what in {finding.message.partition(":")[0] for finding in lacking}
    assert all(finding.status == "missing" for finding in lacking)


def test_shards_are_counted_if_their_number_is_set(synthesis: Synthesis) -> None:
    chosen = settings(data={"stream_shards": 2})
    lacking = shortages(synthesis, {"describe_limits": {**STREAMS, "ShardLimit": 1}}, chosen)
    assert {finding.message.partition(":")[0] for finding in lacking} == {"shards of streams"}


def test_a_quota_that_cannot_be_read_leaves_the_others(synthesis: Synthesis) -> None:
    denied = refusal("AccessDeniedException", "not authorized")
    lacking = shortages(synthesis, {("get_service_quota", CENTRAL): denied})
    assert {(finding.region, finding.status) for finding in lacking} == {(CENTRAL, "unknown")}
    assert "needs the IAM action servicequotas:GetServiceQuota" in lacking[0].message


def test_a_quota_without_an_own_value_has_the_default(synthesis: Synthesis) -> None:
    answers: Answers = {
        ("get_service_quota", WEST): refusal("NoSuchResourceException"),
        ("get_aws_default_service_quota", WEST): value(1),
    }
    lacking = shortages(synthesis, answers)
    assert {finding.region for finding in lacking} == {WEST}


@pytest.mark.parametrize(
    ("data", "limit", "quota", "rest"),
    [
        ({}, 1_000_000, "", ""),
        ({"reconcile_hours": 3}, 1_000_000, "make sure", "10; or raise data.reconcile_hours"),
        ({"reconcile_hours": 3}, 10, "request a quota of 13,", "10; or raise data.reconcile_hours"),
        ({"reconcile_rate": 20}, 20, "request a quota of 25,", "20; or lower data.reconcile_rate"),
    ],
    ids=["enough", "ample-quota", "longer-than-the-interval", "all-of-the-quota"],
)
def test_a_comparison_that_does_not_end_in_time_names_the_quota_and_the_rate(
    synthesis: Synthesis, data: dict[str, int], limit: float, quota: str, rest: str
) -> None:
    world = World({**ENOUGH, "get_service_quota": value(limit)}, settings=settings(data=data))
    findings = [
        finding
        for finding in quotas.examine(world.account(synthesis))
        if finding.message.startswith("comparison of 100,000 devices")
    ]
    assert len(findings) == 2, "one for each region"
    assert {finding.status for finding in findings} == {"missing" if quota else "ok"}
    for finding in findings:
        remedy = finding.remedy or ""
        assert remedy.startswith(quota)
        assert remedy.endswith(rest)
        assert not rest or "DescribeCertificate" in remedy
        assert bool(finding.commands) == quota.startswith("request")
