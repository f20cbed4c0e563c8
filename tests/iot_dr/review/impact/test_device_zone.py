"""The impact of changes to a zone's DNSSEC signing, registration and exclusive records."""

import pytest

from iot_dr.review.impact.device_impact import FORGOTTEN
from iot_dr.review.impact.plan_review import review
from iot_dr.review.impact.review import DeviceChange
from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import (
    FLEET,
    ZONE,
    Json,
    device_changes,
    plan,
    reviewed,
    source,
    with_entry,
)

BLOCK, WARN, OK = Verdict.BLOCK, Verdict.WARN, Verdict.OK
KEY = "aws_route53_key_signing_key.it"
SIGNING = "aws_route53_hosted_zone_dnssec.it"
DOMAIN = "aws_route53domains_registered_domain.it"
ALL = "aws_route53_records_exclusive.it"
BEFORE: Json = {
    KEY: {"id": "Z1,it", "hosted_zone_id": "Z1", "status": "ACTIVE"},
    SIGNING: {"id": "Z1", "hosted_zone_id": "Z1", "signing_status": "SIGNING"},
    DOMAIN: {"id": "d", "domain_name": "example.com", "name_server": [{"name": "ns-1"}]},
    ALL: {"id": "Z1", "zone_id": "Z1", "resource_record_set": [{"name": "a"}]},
}
UNSIGNED = (
    "validating resolvers answer SERVFAIL for every name in the zone while the parent zone has"
)


def changed(address: str, after: Json | None) -> DeviceChange:
    (device_change,) = device_changes(plan({address: after}, standing={**FLEET, **BEFORE}))
    return device_change


@pytest.mark.parametrize(
    ("address", "after", "subject", "why"),
    [
        (
            KEY,
            None,
            "the key-signing key of the zone fleet.example.com",
            f"without it {UNSIGNED} its DS record",
        ),
        (
            KEY,
            {"status": "INACTIVE"},
            "the key-signing key of the zone fleet.example.com",
            f"without it {UNSIGNED} its DS record",
        ),
        (
            SIGNING,
            None,
            "the DNSSEC signing of the zone fleet.example.com",
            f"without it {UNSIGNED} a DS record",
        ),
        (
            SIGNING,
            {"signing_status": "NOT_SIGNING"},
            "the DNSSEC signing of the zone fleet.example.com",
            f"without it {UNSIGNED} a DS record",
        ),
        (
            DOMAIN,
            {"name_server": [{"name": "ns-9"}]},
            "the registration of example.com",
            "resolvers query other name servers for every name in the domain",
        ),
    ],
)
def test_the_loss_of_signing_or_registration_blocks_first(
    address: str, after: Json | None, subject: str, why: str
) -> None:
    device_change = changed(address, after)
    assert (device_change.verdict, device_change.subject, device_change.why) == (
        BLOCK,
        subject,
        why,
    )


@pytest.mark.parametrize(
    ("address", "off", "on"),
    [
        (KEY, {"status": "INACTIVE"}, {"status": "ACTIVE"}),
        (SIGNING, {"signing_status": "NOT_SIGNING"}, {"signing_status": "SIGNING"}),
    ],
)
def test_enabled_signing_warns(address: str, off: Json, on: Json) -> None:
    standing = {**FLEET, **BEFORE, address: {**BEFORE[address], **off}}
    (device_change,) = device_changes(plan({address: on}, standing=standing))
    assert (device_change.verdict, device_change.why) == (WARN, "the zone's DNSSEC signing changes")


def test_a_replaced_signing_key_blocks() -> None:
    document = plan({}, replaced={KEY: "name"}, standing={**FLEET, **BEFORE})
    (device_change,) = device_changes(document)
    assert device_change.verdict is BLOCK


def test_a_zone_without_a_resource_is_recognized_by_its_records() -> None:
    standing = {**FLEET, **BEFORE}
    del standing[ZONE]
    (device_change,) = device_changes(plan({KEY: None}, standing=standing))
    assert (device_change.verdict, device_change.subject) == (
        BLOCK,
        "the key-signing key of the zone Z1",
    )


def test_the_key_of_an_unneeded_zone_only_warns() -> None:
    standing = {**FLEET, KEY: {**BEFORE[KEY], "hosted_zone_id": "Z9"}}
    (device_change,) = device_changes(plan({KEY: None}, standing=standing))
    assert device_change.verdict is WARN


def test_a_destroyed_registration_stays() -> None:
    device_change = changed(DOMAIN, None)
    assert (device_change.verdict, device_change.why) == (WARN, FORGOTTEN.text)


@pytest.mark.parametrize("change", [{"tags": {"a": "b"}}, {"auto_renew": True}])
def test_other_arguments_of_a_registration_are_ignored(change: Json) -> None:
    result = reviewed(plan({DOMAIN: change}, standing={**FLEET, **BEFORE}))
    assert (result.verdict, result.device_changes) == (OK, ())


def test_an_exclusive_record_list_warns_also_in_a_new_stack() -> None:
    why = "every record in the zone that it does not list is deleted, whoever created it"
    device_change = changed(ALL, {"resource_record_set": [{"name": "b"}]})
    assert (device_change.verdict, device_change.why) == (WARN, why)
    create: Json = {"actions": ["create"], "before": None, "after": BEFORE[ALL]}
    (device_change,) = device_changes(with_entry(plan({}), ALL, create))
    assert (device_change.verdict, device_change.why) == (WARN, why)
    new = with_entry(plan({}, standing={}), ALL, create)
    del new["prior_state"]
    whole = source(fleet=plan({}), new=new)
    (device_change,) = review(whole, None).device_changes
    assert (device_change.verdict, device_change.change.stack) == (WARN, "new")
    assert review(source(new=new), None).device_changes == ()
