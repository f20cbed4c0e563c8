"""The resources of a platform that is adopted, as the settings describe them and otherwise."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from environments.project import ROOT_VARIABLE
from iot_dr.observe.doctor.checks import existing_platform
from iot_dr.observe.doctor.finding import AccountFinding
from tests.iot_dr.observe.doctor.world import WEST, Answer, World, refusal
from tests.support.existing import CERTIFICATE_ARN, ZONE, existing
from tests.support.settings import settings

NAME = "mqtt.example.com"
DOCUMENT = {"Version": "2012-10-17", "Statement": []}
POLICY = {"name": "FleetPolicy", "document": "environments/fleet.json"}
DOMAIN: dict[str, Any] = {
    "domainName": NAME,
    "serverCertificates": [{"serverCertificateArn": CERTIFICATE_ARN}],
    "domainConfigurationStatus": "ENABLED",
}
CERTIFICATE = {"Certificate": {"Type": "AMAZON_ISSUED"}}
IMPORTED = {"Certificate": {"Type": "IMPORTED", "NotAfter": datetime(2027, 1, 2, tzinfo=UTC)}}
RECORD: dict[str, Any] = {
    "Name": f"{NAME}.",
    "Type": "CNAME",
    "TTL": 300,
    "ResourceRecords": [{"Value": "a.example.org"}],
}
NO_SUCH = refusal("ResourceNotFoundException", "not found", 404)


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project with the document of the fleet's policy."""
    (tmp_path / "environments").mkdir()
    (tmp_path / "cdktf.json").write_text("{}", encoding="utf-8")
    (tmp_path / POLICY["document"]).write_text(json.dumps(DOCUMENT), encoding="utf-8")
    monkeypatch.delenv(ROOT_VARIABLE)
    monkeypatch.chdir(tmp_path)


def examined(
    answers: Mapping[str, Answer] = MappingProxyType({}),
    *,
    cut_over: bool = False,
    policy: bool = True,
) -> dict[str, list[AccountFinding]]:
    """Return the findings by status, with some of the account's answers replaced."""
    block = existing(cut_over=cut_over, **({"device_policy": POLICY} if policy else {}))
    world = World(
        {
            "describe_domain_configuration": DOMAIN,
            "describe_certificate": CERTIFICATE,
            "get_policy": {"policyDocument": json.dumps(DOCUMENT, indent=2)},
            "list_resource_record_sets": {"ResourceRecordSets": [RECORD]},
            **answers,
        },
        settings=settings(zone=ZONE, existing=block),
    )
    findings = list(existing_platform.examine(world.account()))
    return {
        status: [finding for finding in findings if finding.status == status]
        for status in ("ok", "missing", "unknown")
    }


def test_a_platform_as_in_the_settings_lacks_nothing() -> None:
    findings = examined()
    assert findings["missing"] == findings["unknown"] == []
    assert [finding.message for finding in findings["ok"]] == [
        "the domain configuration fleet is as in the settings",
        "ACM renews the certificate of the device name",
        "the IoT policy FleetPolicy is as in environments/fleet.json",
        f"{NAME} has the record that a cut-over replaces: CNAME a.example.org, TTL 300 s",
    ]


def test_a_new_environment_has_nothing_to_compare() -> None:
    assert list(existing_platform.examine(World({}).account())) == []


@pytest.mark.parametrize(
    ("answers", "message", "blocks"),
    [
        (
            {"describe_domain_configuration": NO_SUCH},
            "there is no domain configuration fleet",
            True,
        ),
        (
            {"describe_domain_configuration": {**DOMAIN, "domainName": "b.example.com"}},
            f"the domain configuration fleet is of b.example.com, not of {NAME}",
            True,
        ),
        (
            {"describe_domain_configuration": {**DOMAIN, "serverCertificates": []}},
            "the domain configuration fleet has the certificate none",
            True,
        ),
        (
            {
                "describe_domain_configuration": {
                    **DOMAIN,
                    "authorizerConfig": {"defaultAuthorizerName": "legacy"},
                }
            },
            "the domain configuration fleet has the custom authorizer legacy, which a deploy",
            True,
        ),
        (
            {"describe_domain_configuration": {**DOMAIN, "domainConfigurationStatus": "DISABLED"}},
            "the domain configuration fleet is disabled, and a deploy would enable it",
            False,
        ),
        (
            {"describe_certificate": NO_SUCH},
            f"there is no certificate {CERTIFICATE_ARN}",
            True,
        ),
        (
            {"describe_certificate": IMPORTED},
            "the certificate of the device name was imported, so ACM does not renew it; it ends",
            False,
        ),
        ({"get_policy": NO_SUCH}, "there is no IoT policy FleetPolicy", True),
        (
            {"get_policy": {"policyDocument": '{"Statement": "other"}'}},
            "the IoT policy FleetPolicy differs from environments/fleet.json: a deploy would",
            False,
        ),
        (
            {"list_resource_record_sets": {"ResourceRecordSets": []}},
            f"{NAME} has no record of its own in the zone",
            False,
        ),
        (
            {"list_resource_record_sets": {"ResourceRecordSets": [{**RECORD, "Type": "A"}]}},
            f"{NAME} has a record of type A",
            False,
        ),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_each_difference_is_reported_with_its_remedy(
    answers: dict[str, Answer], message: str, blocks: bool
) -> None:
    findings = examined(answers)
    (finding,) = findings["missing"]
    assert finding.message.startswith(message)
    assert (finding.blocks, bool(finding.remedy)) == (blocks, True)
    assert finding.region == ("" if "list_resource_record_sets" in answers else WEST)
    assert len(findings["ok"]) == 3


def test_after_the_cut_over_there_is_no_old_record() -> None:
    findings = examined({"list_resource_record_sets": NO_SUCH}, cut_over=True)
    assert len(findings["ok"]) == 3
    assert findings["missing"] == findings["unknown"] == []


def test_devices_without_a_policy_of_their_own_are_not_compared() -> None:
    findings = examined({"get_policy": NO_SUCH}, policy=False)
    assert len(findings["ok"]) == 3
    assert findings["missing"] == []


def test_what_cannot_be_read_is_unknown() -> None:
    denied = refusal("AccessDeniedException", "not authorized", 403)
    methods = (
        *("describe_domain_configuration", "describe_certificate", "get_policy"),
        "list_resource_record_sets",
    )
    findings = examined(dict.fromkeys(methods, denied))
    assert [finding.message.split(":")[0] for finding in findings["unknown"]] == [
        *("domain configuration", "certificate", "policy", "record"),
    ]
