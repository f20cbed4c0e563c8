"""Each quota: enough, too small, and unreadable."""

from typing import Any

import pytest

from environments.settings import Settings
from iot_dr.observe.doctor.checks import quotas, trails
from iot_dr.observe.doctor.finding import AccountFinding
from tests.iot_dr.observe.doctor.world import CENTRAL, WEST, Answers, World, only, refusal, statuses
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


CLASSIC = {"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "All"}]}


def advanced(**fields: tuple[str, list[str]]) -> dict[str, Any]:
    every = {"eventCategory": ("Equals", ["Management"]), **fields}
    selectors = [{"Field": name, how: values} for name, (how, values) in every.items()]
    return {"AdvancedEventSelectors": [{"FieldSelectors": selectors}]}


def world(count: int, selectors: object = CLASSIC, **data: object) -> World:
    listed = [
        {"Name": f"trail-{number}", "TrailARN": f"arn:aws:cloudtrail:{WEST}:222222222222:trail/t"}
        for number in range(count)
    ]
    answers: Any = {
        ("describe_trails", WEST): {"trailList": listed},
        ("describe_trails", CENTRAL): {"trailList": []},
        "get_trail_status": {"IsLogging": selectors is not None},
        "get_event_selectors": selectors,
    }
    return World(answers, settings=settings(data=data))


def test_a_sixth_trail_of_a_region_blocks_a_deploy(synthesis: Synthesis) -> None:
    full, free = trails.examine(world(5).account(synthesis))
    assert (full.region, full.status, full.blocks) == (WEST, "missing", True)
    names = "trail-0, trail-1, trail-2, trail-3, trail-4"
    assert full.message == (
        f"5 used of 5 ({names}), and 1 more is needed; AWS does not raise this quota"
    )
    assert "data.create_trail" in full.remedy
    assert (free.status, free.message) == ("ok", "0 used of 5, 1 more needed")


def test_a_fifth_trail_and_one_in_the_state_have_room(synthesis: Synthesis) -> None:
    assert statuses(trails.examine(world(4).account(synthesis)))[0] == (WEST, "ok")
    own = world(5)
    own.state(f"iot-dev-device-registry-{WEST}", "aws_cloudtrail.registry_trail", region=WEST)
    assert statuses(trails.examine(own.account(synthesis)))[0] == (WEST, "ok")


@pytest.mark.parametrize(
    "selectors",
    [
        {"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "WriteOnly"}]},
        advanced(),
        advanced(readOnly=("Equals", ["false"])),
        advanced(eventSource=("NotEquals", ["kms.amazonaws.com"])),
    ],
)
def test_a_trail_of_the_account_that_logs_writes_is_enough(
    synthesis: Synthesis, selectors: object
) -> None:
    account = world(5, selectors, create_trail=False).account(synthesis)
    assert account.of_type("aws_cloudtrail") == []
    west, central = trails.examine(account)
    assert (west.status, west.message) == ("ok", "trail-0 logs management events that write")
    assert (central.status, central.blocks) == ("missing", True)


@pytest.mark.parametrize(
    "selectors",
    [
        None,
        {},
        {"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "ReadOnly"}]},
        {"EventSelectors": [{"IncludeManagementEvents": False, "ReadWriteType": "All"}]},
        advanced(readOnly=("Equals", ["true"])),
        advanced(eventSource=("NotEquals", ["iot.amazonaws.com"])),
        advanced(eventName=("Equals", ["CreateThing"])),
        advanced(eventCategory=("Equals", ["Data"])),
    ],
    ids=["stopped", "none", "reads", "data", "advanced reads", "not iot", "one call", "category"],
)
def test_a_trail_that_does_not_log_writes_is_not_enough(
    synthesis: Synthesis, selectors: object
) -> None:
    west = next(iter(trails.examine(world(1, selectors, create_trail=False).account(synthesis))))
    assert (west.status, west.blocks) == ("missing", True)
    assert "no trail logs management events that write" in west.message


def test_without_data_no_trail_is_needed(synthesis: Synthesis) -> None:
    assert only(trails.examine(World({}).account(synthesis))).status == "ok"
