"""Environments whose standbys do not know the devices of another region."""

from typing import Any

import pytest

from iot_dr.rules.devices_unknown_in_standby import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import ENTRY_POINT, judged, our_settings, ours, ours_with_data
from tests.support.settings import with_data

CA = {"active": True, "allow_auto_registration": True, "ca_certificate_pem": "x"}


def with_cas(*regions: str, **changes: object) -> dict[str, dict[str, Any]]:
    """Return our stacks of three regions, with a CA of the user's in these."""
    documents = ours(3)
    for region in regions:
        own = {"ours": {**CA, **changes, "provider": f"aws.{region.replace('-', '_')}"}}
        documents[f"iot-dev-iot-{region}"]["resource"]["aws_iot_ca_certificate"] = own
    return documents


def test_without_data_every_standby_is_named_and_so_is_the_way_out() -> None:
    (finding,) = judged(RULE, ours(3), our_settings(3))
    assert (finding.verdict, finding.stack) == (Verdict.WARN, None)
    assert (
        "after a failover, AWS IoT in eu-central-1, eu-north-1 refuses devices" in finding.message
    )
    assert "Add `data: {}` to the settings, or suppress devices-unknown-in-standby with" in (
        finding.message
    )


def test_with_data_every_region_knows_them() -> None:
    assert judged(RULE, ours_with_data(3), with_data(our_settings(3))) == []


def test_the_standby_follows_the_primary() -> None:
    (finding,) = judged(RULE, ours(), our_settings(primary="eu-central-1"))
    assert "AWS IoT in eu-west-1 refuses" in finding.message


@pytest.mark.parametrize(
    ("regions", "changes", "unknown"),
    [
        (("eu-central-1", "eu-north-1"), {}, ()),
        (("eu-central-1",), {}, ("eu-north-1",)),
        (("eu-west-1",), {}, ("eu-central-1, eu-north-1",)),
        (("eu-central-1", "eu-north-1"), {"active": False}, ("eu-central-1, eu-north-1",)),
        (("eu-central-1", "eu-north-1"), {"active": "${var.unknown}"}, ()),
    ],
)
def test_a_ca_of_ones_own_counts_where_it_registers_devices(
    regions: tuple[str, ...], changes: dict[str, object], unknown: tuple[str, ...]
) -> None:
    findings = judged(RULE, with_cas(*regions, **changes), our_settings(3))
    assert len(findings) == len(unknown)
    for finding, names in zip(findings, unknown, strict=True):
        assert f"AWS IoT in {names} refuses" in finding.message


def test_a_design_without_settings_or_with_stacks_missing_is_not_judged() -> None:
    assert judged(RULE, ours()) == []
    assert judged(RULE, {ENTRY_POINT: ours()[ENTRY_POINT]}, our_settings()) == []
