"""The impact of changes to a zone's NS, DS and CAA records, and to validation records."""

import pytest

from iot_dr.review.impact.plan_review import review
from iot_dr.review.impact.review import DeviceChange
from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import (
    DELEGATION,
    FLEET,
    NAME,
    NOTE,
    VALIDATION,
    ZONE,
    Json,
    device_changes,
    plan,
    reviewed,
    source,
)

BLOCK, WARN, OK = Verdict.BLOCK, Verdict.WARN, Verdict.OK
SIGNATURE = "aws_route53_record.signature"
ISSUERS = "aws_route53_record.issuers"
OTHER = "aws_route53_record.other"
UNSIGNED = "validating resolvers answer SERVFAIL for every name in the zone"


def record(name: str, type_: str, *records: str) -> Json:
    values: Json = {"zone_id": "Z0", "name": name, "fqdn": name, "type": type_, "ttl": 60}
    return {"id": f"Z0_{name}_{type_}", "records": list(records), **values}


BEFORE = {
    **FLEET,
    SIGNATURE: record("fleet.example.com", "DS", "1 13 2 AB"),
    ISSUERS: record("fleet.example.com", "CAA", '0 issue "amazon.com"'),
}


def changed(address: str, after: Json | None, **more: Json) -> tuple[DeviceChange, ...]:
    return device_changes(plan({address: after}, standing={**BEFORE, **more}))


@pytest.mark.parametrize(
    ("after", "verdict", "why"),
    [
        (
            {"records": ["1 13 2 CC"]},
            BLOCK,
            f"unless the zone is signed with the new key, {UNSIGNED}",
        ),
        (None, WARN, "resolvers no longer validate the zone's DNSSEC signatures"),
    ],
)
def test_a_changed_ds_record_blocks_and_its_removal_warns(
    after: Json | None, verdict: Verdict, why: str
) -> None:
    (device_change,) = changed(SIGNATURE, after)
    assert device_change.subject == "the DS record of fleet.example.com"
    assert (device_change.verdict, device_change.why) == (verdict, why)


def test_a_replaced_ds_record_blocks() -> None:
    (device_change,) = device_changes(plan({}, replaced={SIGNATURE: "name"}, standing=BEFORE))
    assert device_change.verdict is BLOCK


def test_a_new_ttl_of_a_ds_record_is_ignored() -> None:
    assert changed(SIGNATURE, {"ttl": 300}) == ()


def test_a_new_ds_record_warns() -> None:
    (device_change,) = device_changes(plan({SIGNATURE: BEFORE[SIGNATURE]}))
    assert (device_change.verdict, device_change.why) == (
        WARN,
        f"unless the zone is signed with this key, {UNSIGNED}",
    )


@pytest.mark.parametrize(
    "records",
    [
        ['0 issue "letsencrypt.org"'],
        ['0 issue ";"'],
        ['0 issue "amazon.com"', '0 issuewild "letsencrypt.org"'],
    ],
)
def test_a_caa_record_without_acm_warns(records: list[str]) -> None:
    after = record("fleet.example.com", "CAA", *records)
    for impacts in (device_changes(plan({ISSUERS: after})), changed(ISSUERS, {"records": records})):
        (device_change,) = impacts
        assert device_change.subject == "the CAA record of fleet.example.com"
        assert (device_change.verdict, device_change.why) == (
            WARN,
            "it does not allow ACM, which cannot issue or renew certificates then",
        )


@pytest.mark.parametrize(
    "records",
    [
        ['0 issue "amazon.com"'],
        ['0 issue "letsencrypt.org"', '0 issue "amazontrust.com"'],
        ['0 issue "awstrust.com"'],
        ['0 issuewild "amazonaws.com"'],
        ['0 iodef "mailto:a@example.com"'],
    ],
)
def test_a_caa_record_with_acm_is_ignored(records: list[str]) -> None:
    after = record("fleet.example.com", "CAA", *records)
    assert device_changes(plan({ISSUERS: after})) == ()
    none = record("fleet.example.com", "CAA", '0 issue ";"')
    assert changed(ISSUERS, {"records": records}, **{ISSUERS: none}) == ()
    assert changed(ISSUERS, None) == ()


@pytest.mark.parametrize("name", [NAME, "fleet.example.com", "ireland.fleet.example.com"])
def test_a_delegation_of_an_existing_name_blocks(name: str) -> None:
    result = reviewed(plan({OTHER: record(name, "NS", "ns.elsewhere.example")}))
    assert (result.verdict, result.reason) == (
        BLOCK,
        (
            f"the plan creates the delegation of {name}: resolvers will query its name"
            f" servers for {name} and all names below it, which other name servers answered"
            " until now"
        ),
    )


def test_a_delegation_of_an_existing_name_blocks_in_a_new_stack() -> None:
    new = plan({OTHER: record(NAME, "NS", "ns.elsewhere.example")}, standing={})
    del new["prior_state"]
    (device_change,) = review(source(fleet=plan({}), new=new), None).device_changes
    assert (device_change.verdict, device_change.change.stack) == (BLOCK, "new")
    assert review(source(new=new), None).device_changes == ()


def test_a_delegation_to_the_zones_own_name_servers_is_harmless() -> None:
    zone = {**FLEET[ZONE], "name_servers": ["NS-1.example.net."]}
    own = record("fleet.example.com", "NS", "ns-1.example.net")
    without: Json = {each: FLEET[each] for each in FLEET if each != DELEGATION}
    (device_change,) = device_changes(plan({DELEGATION: own}, standing={**without, ZONE: zone}))
    assert (device_change.verdict, device_change.why) == (
        OK,
        "resolvers will find the zone through it",
    )
    (device_change,) = device_changes(
        plan({OTHER: record("shop.example.com", "NS", "ns.elsewhere.example")})
    )
    assert device_change.verdict is OK


def test_a_delegation_that_changes_its_type_is_lost() -> None:
    (device_change,) = device_changes(plan({DELEGATION: {"type": "TXT"}}))
    assert (device_change.verdict, device_change.why) == (
        BLOCK,
        "resolvers can no longer resolve any name in the zone",
    )


def test_a_txt_record_that_becomes_a_delegation_is_new() -> None:
    changes = {NOTE: {"type": "NS", "name": NAME, "fqdn": NAME}}
    (device_change,) = device_changes(plan(changes, replaced={NOTE: "name"}))
    assert (device_change.verdict, device_change.subject) == (BLOCK, f"the delegation of {NAME}")


def test_a_validation_record_with_another_target_is_recognized() -> None:
    (device_change,) = device_changes(plan({VALIDATION: {"records": ["elsewhere.example.com"]}}))
    assert device_change.subject == "the DNS validation record of the certificates"
