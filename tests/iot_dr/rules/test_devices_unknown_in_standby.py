"""Environments whose standbys do not know the devices of another region."""

import pytest

from iot_dr.rules.devices_unknown_in_standby import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import ENTRY_POINT, judged, our_settings, ours, ours_with_data
from tests.support.settings import with_data

CA = {"active": True, "allow_auto_registration": True, "ca_certificate_pem": "x"}


def test_without_data_the_standbys_of_the_primary_are_named_and_so_is_the_way_out() -> None:
    for count, primary, names in (
        (3, "eu-west-1", "eu-central-1, eu-north-1"), (2, "eu-central-1", "eu-west-1")
    ):  # fmt: skip
        (finding,) = judged(RULE, ours(count), our_settings(count, primary=primary))
        assert (finding.verdict, finding.stack) == (Verdict.WARN, None)
        assert f"after a failover, AWS IoT in {names} refuses devices" in finding.message
        way_out = "Add `data: {}` to the settings, or suppress devices-unknown-in-standby with"
        assert way_out in finding.message
    assert judged(RULE, ours_with_data(3), with_data(our_settings(3))) == []


@pytest.mark.parametrize(
    ("regions", "changes", "unknown"),
    [
        (("eu-central-1", "eu-north-1"), {}, ""),
        (("eu-central-1",), {}, "eu-north-1"),
        (("eu-west-1",), {}, "eu-central-1, eu-north-1"),
        (("eu-central-1", "eu-north-1"), {"active": False}, "eu-central-1, eu-north-1"),
        (("eu-central-1", "eu-north-1"), {"active": "${var.unknown}"}, ""),
    ],
)
def test_a_ca_of_ones_own_counts_where_it_registers_devices(
    regions: tuple[str, ...], changes: dict[str, object], unknown: str
) -> None:
    documents = ours(3)
    for region in regions:
        own = {"ours": {**CA, **changes, "provider": f"aws.{region.replace('-', '_')}"}}
        documents[f"iot-dev-iot-{region}"]["resource"]["aws_iot_ca_certificate"] = own
    findings = judged(RULE, documents, our_settings(3))
    assert len(findings) == bool(unknown)
    assert all(f"AWS IoT in {unknown} refuses" in each.message for each in findings)


def test_a_design_without_settings_or_with_stacks_missing_is_not_judged() -> None:
    assert judged(RULE, ours()) == []
    assert judged(RULE, {ENTRY_POINT: ours()[ENTRY_POINT]}, our_settings()) == []
