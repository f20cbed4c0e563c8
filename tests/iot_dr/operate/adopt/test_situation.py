"""What must hold before the device name is cut over, or back."""

from collections.abc import Callable

import pytest
from dns.rdatatype import RdataType

from iot_dr.common.user_error import UserError
from iot_dr.observe.switch.probe import ProbeError
from iot_dr.observe.switch.record_sets import RecordSet
from iot_dr.operate.adopt.situation import AdoptionSituation
from tests.iot_dr.operate.adopt.world import CENTRAL, ENDPOINT, NAME, WEST, Adoptable
from tests.support.region_health import RegionHealth

Prober = Callable[[str, str], None]


def serving(_address: str, _name: str) -> None:
    """Serve every name everywhere."""


def serving_old_names_alone(address: str, name: str) -> None:
    """Serve regional names, and the device name only in the region that had it."""
    if name == NAME and WEST not in address:
        raise ProbeError("its certificate is invalid: hostname mismatch")


def against(
    platform: Adoptable, prober: Prober = serving, **changes: object
) -> tuple[list[str], list[str]]:
    """Return the reasons against the cut-over of a changed record, and against the return."""
    situation = AdoptionSituation.observe(platform.world.settings, prober)
    old: RecordSet = {**platform.old, **changes}
    return list(situation.against_cut_over(old)), list(situation.against_return())


def test_nothing_speaks_against_it_while_everything_works(platform: Adoptable) -> None:
    assert against(platform) == ([], [])


def test_every_region_must_serve_the_device_name(platform: Adoptable) -> None:
    names: list[tuple[str, str]] = []

    def prober(address: str, name: str) -> None:
        names.append((address, name))
        serving_old_names_alone(address, name)

    ((reason,), back) = against(platform, prober)
    assert reason == (
        f"{CENTRAL} does not serve {NAME}: its certificate is invalid: hostname mismatch. Devices"
        " that are led there are refused"
    )
    assert back == []
    assert {(f"mqtt-{region}.example.com", NAME) for region in (WEST, CENTRAL)} <= set(names)


def test_every_region_must_be_healthy_but_for_the_return_only_the_old_one(
    platform: Adoptable,
) -> None:
    reason = "is unhealthy, and devices may be led there"
    platform.world.see({CENTRAL: RegionHealth(tcp=False)})
    assert against(platform) == ([f"{CENTRAL} {reason}"], [])
    platform.world.see({WEST: RegionHealth(tcp=False)})
    assert against(platform) == ([f"{WEST} {reason}"], [f"{WEST} {reason}"])


def test_health_that_is_unknown_speaks_against_it(platform: Adoptable) -> None:
    def cut_off(_address: str, _name: str) -> None:
        raise ProbeError("its name is not found here")

    platform.faults.fail("refuse", "us-east-1", "route53")
    reasons, back = against(platform, cut_off)
    assert f"{WEST} is unknown, and devices may be led there" in reasons
    assert back == [f"{WEST} is unknown, and devices may be led there"]


def test_no_region_may_be_switched_away(platform: Adoptable) -> None:
    reason = "is switched away; switch it back first"
    platform.world.switch(CENTRAL, "ALARM")
    assert against(platform) == ([f"{CENTRAL} {reason}"], [])
    platform.world.switch(WEST, "ALARM")
    assert against(platform)[1] == [f"{WEST} {reason}"]


def test_an_unknown_switch_speaks_against_it(platform: Adoptable) -> None:
    platform.faults.fail("refuse", CENTRAL, "monitoring")
    reasons, back = against(platform)
    (reason,) = (each for each in reasons if "switched away" in each)
    assert reason.startswith(f"it is not known whether {WEST} is switched away: ")
    assert back == [reason]


def test_the_ttl_must_be_low(platform: Adoptable) -> None:
    ((reason,), _) = against(platform, TTL=300)
    assert reason.startswith("the old record has a TTL of 300 s: for so long after a failover")
    assert "lower it to 60 s with `iot-dr adopt lower-ttl`" in reason
    assert against(platform, TTL=30) == ([], [])


@pytest.mark.parametrize("target", [f"{ENDPOINT.upper()}.", "mqtt-eu-west-1.example.com"])
def test_the_old_record_may_lead_to_the_region_by_either_name(
    target: str, platform: Adoptable
) -> None:
    assert against(platform, ResourceRecords=[{"Value": target}]) == ([], [])


def test_an_old_record_that_leads_elsewhere_would_move_devices(platform: Adoptable) -> None:
    ((reason,), _) = against(platform, ResourceRecords=[{"Value": "broker.example.org"}])
    assert reason == (
        f"the old record leads to broker.example.org, which is not the endpoint of {WEST}"
        f" ({ENDPOINT}): devices would be moved by the cut-over"
    )


def test_an_unknown_endpoint_speaks_against_it(platform: Adoptable) -> None:
    platform.faults.answers.clear()
    platform.faults.answers.append(platform.world.answer)
    platform.faults.fail("refuse", WEST, "iot")
    ((reason,), _) = against(platform)
    assert reason.startswith(f"it is not known whether {ENDPOINT} is the region's: iot:Describe")
    assert isinstance(
        AdoptionSituation.observe(platform.world.settings, serving).endpoint, UserError
    )


def test_public_dns_must_lead_to_the_zone(platform: Adoptable) -> None:
    platform.delegate("ns.elsewhere.net")
    ((reason,), back) = against(platform)
    assert reason.startswith("example.com is delegated to ns.elsewhere.net; its zone has ns-")
    assert reason.endswith("as the NS records of example.com in the zone above it")
    assert back == []
    platform.delegate()
    ((reason,), _) = against(platform)
    assert reason.startswith("example.com is not delegated; its zone has ns-")


def test_a_delegation_that_cannot_be_read_speaks_against_it(platform: Adoptable) -> None:
    for server in platform.names.resolvers:
        server.own["com", RdataType.NS] = []
    ((reason,), back) = against(platform)
    assert reason.startswith("it is not known whether devices see the zone's records: what public")
    assert back == []
