"""The block `existing`, the zone's name, and the file of the fleet's IoT policy."""

import json
from pathlib import Path
from typing import Any

import pytest

from environments.errors import Mistake, SettingsError
from environments.existing_files import policy_document
from environments.loader import load, load_without_cross_checks
from environments.project import ROOT_VARIABLE
from environments.settings import Settings
from tests.environments.files import VALID, folder_with, mistakes, only_mistake, project_with
from tests.support.existing import CERTIFICATE_ARN, ZONE, existing
from tests.support.settings import settings

LINE = VALID.count("\n") + 1
ZONE_LINE = "zone: {create: true, delegation: manual}"
IN_ITS_ZONE = VALID.replace(ZONE_LINE, "zone: {id: Z0EXAMPLE, name: example.com}")
POLICY = {"name": "FleetPolicy", "document": "environments/fleet.json"}
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "iot:Connect",
        "Resource": "arn:aws:iot:eu-west-1:111111111111:client/${iot:ClientId}",
    },
}


def given(**changes: object) -> str:
    return f"{IN_ITS_ZONE}existing: {json.dumps(existing(**changes))}\n"


def test_an_environment_has_nothing_to_adopt_unless_its_settings_say_so() -> None:
    assert settings().existing is None
    assert mistakes(f"{IN_ITS_ZONE}existing: null\n") == ()


def test_the_block_survives_being_written_and_read() -> None:
    chosen = settings(zone=ZONE, existing=existing(device_policy=POLICY))
    assert Settings.model_validate(chosen.model_dump()) == chosen
    assert chosen.existing
    assert (chosen.existing.cut_over, chosen.existing.validation_record) == (False, False)


def test_names_are_in_the_zone_that_the_settings_name() -> None:
    chosen = settings(zone=ZONE)
    assert chosen.device_name == "mqtt.example.com"
    assert chosen.regional_name("eu-central-1") == "mqtt-eu-central-1.example.com"
    assert settings(zone={"id": "Z1"}).device_name == "mqtt.iot-dev.example.com"


def test_names_may_be_in_a_subdomain_of_the_zone() -> None:
    chosen = settings(zone={**ZONE, "subdomain": "iot.example.com"})
    assert chosen.zone_name == "example.com"
    assert chosen.device_name == "mqtt.iot.example.com"
    assert chosen.regional_name("eu-central-1") == "mqtt-eu-central-1.iot.example.com"


@pytest.mark.parametrize(
    ("zone", "message"),
    [
        ("name: example.com, subdomain: example.com", "is not below the zone; expected a name b"),
        ("name: example.com, subdomain: iot.example.org", "expected a name below example.com"),
        ("subdomain: iot.example.com", "expected a name below zone.name"),
        (f"name: example.com, subdomain: {'a' * 51}.example.com", "has 63 characters; expected"),
    ],
)
def test_a_subdomain_is_below_the_zone_and_fits_a_certificate(zone: str, message: str) -> None:
    mistake = only_mistake(VALID.replace(ZONE_LINE, f"zone: {{id: Z0EXAMPLE, {zone}}}"))
    assert mistake.key == "zone.subdomain"
    assert message in str(mistake)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("example.org", "has another name than the domain; expected example.com or a name below"),
        ("notexample.com", "has another name than the domain"),
        (f"{'a' * 51}.example.com", "has 63 characters; expected a lower-case DNS name"),
    ],
)
def test_a_zone_has_a_name_in_the_domain_that_fits_a_certificate(name: str, message: str) -> None:
    mistake = only_mistake(VALID.replace(ZONE_LINE, f"zone: {{id: Z0EXAMPLE, name: {name}}}"))
    assert mistake.key.startswith("zone")
    assert message in str(mistake)


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        ({"region": "eu-north-1"}, "region", "is not among the regions; expected eu-west-1, eu-"),
        ({"region": "mars-1"}, "region", "is not a region with IoT Core"),
        (
            {"certificate_arn": CERTIFICATE_ARN.replace("111111111111", "222222222222")},
            "certificate_arn",
            "is a certificate of another account; expected one of 111111111111",
        ),
        (
            {"certificate_arn": CERTIFICATE_ARN.replace("eu-west-1", "us-east-1")},
            "certificate_arn",
            "is a certificate in us-east-1; expected one in eu-west-1",
        ),
        (
            {"certificate_arn": "arn:aws:iam::111111111111:server-certificate/x"},
            "certificate_arn",
            "expected the ARN of a certificate in ACM",
        ),
        ({"domain_configuration": "a/b"}, "domain_configuration", "IoT domain configuration"),
        ({"device_policy": {"name": "P"}}, "device_policy.document", "is missing; expected the"),
        (
            {"device_policy": {**POLICY, "document": "../fleet.json"}},
            "device_policy.document",
            "such as environments/fleet-policy.json",
        ),
        ({"cut_over": "yes"}, "cut_over", "is not a boolean"),
        ({"bucket": "x"}, "bucket", "is not a setting; expected region, domain_configuration"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_each_mistake_is_reported_where_it_is(
    changes: dict[str, Any], key: str, message: str
) -> None:
    faults = [each for each in mistakes(given(**changes)) if each.key == f"existing.{key}"]
    assert [(each.file, each.line) for each in faults] == [("environments/dev.yaml", LINE)]
    assert message in str(faults[0])


def test_until_the_cut_over_the_primary_is_the_region_with_the_devices() -> None:
    elsewhere = existing(region="eu-central-1")
    elsewhere["certificate_arn"] = CERTIFICATE_ARN.replace("eu-west-1", "eu-central-1")
    mistake = only_mistake(given(**elsewhere))
    assert mistake.key == "existing.region"
    assert "is not the primary region; expected eu-west-1: until the cut-over" in mistake.message
    assert mistakes(given(**elsewhere, cut_over=True)) == ()


@pytest.mark.parametrize("zone", ["create: true", "lookup: true"])
def test_it_needs_the_zone_of_the_device_name(zone: str) -> None:
    content = given().replace("id: Z0EXAMPLE, name: example.com", zone)
    assert "needs the zone of the device name; expected zone: {id: Z..." in str(
        only_mistake(content)
    )


def test_an_empty_block_is_a_mistake() -> None:
    assert only_mistake(f"{IN_ITS_ZONE}existing:\n").message == (
        "is empty; expected its block, or existing: null"
    )


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's root with an environment whose policy's file is still to be written."""
    monkeypatch.delenv(ROOT_VARIABLE)
    monkeypatch.chdir(tmp_path)
    return project_with(tmp_path, dev=given(device_policy=POLICY))


def refused(root: Path) -> Mistake:
    with pytest.raises(SettingsError) as refusal:
        load("dev", {}, root / "environments")
    (mistake,) = refusal.value.mistakes
    assert (mistake.file, mistake.line) == ("environments/dev.yaml", LINE)
    assert (mistake.key, mistake.value) == ("existing.device_policy.document", POLICY["document"])
    return mistake


def test_the_policy_is_written_for_each_region(root: Path) -> None:
    (root / POLICY["document"]).write_text(json.dumps(DOCUMENT, indent=4), encoding="utf-8")
    chosen = load("dev", {}, root / "environments")
    here, there = (policy_document(chosen, region) for region in chosen.regions)
    assert here == json.dumps(DOCUMENT, separators=(",", ":"))
    assert here
    assert there == here.replace("eu-west-1", "eu-central-1")
    assert policy_document(settings(), "eu-west-1") is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("policy", "is not JSON; expected a policy's document"),
        ("[" * 50_000, "is not JSON; expected a policy's document"),
        ("[]", "is not a policy's document; expected JSON with Version and Statement"),
        (json.dumps({**DOCUMENT, "Id": "x" * 2048}), "without white space; expected at most 2048"),
    ],
    ids=["missing", "text", "deep", "list", "long"],
)
def test_a_file_that_is_not_a_policy_is_refused(
    root: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (root / POLICY["document"]).write_text(content, encoding="utf-8")
    assert message in refused(root).message


def test_a_file_that_is_lost_later_is_an_error_of_the_settings(root: Path) -> None:
    file = root / POLICY["document"]
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    chosen = load("dev", {}, root / "environments")
    file.unlink()
    with pytest.raises(
        SettingsError, match=r"environments/dev.yaml: existing.device_policy.document: .* read"
    ):
        policy_document(chosen, "eu-west-1")


def test_two_environments_have_different_device_names(tmp_path: Path) -> None:
    other = IN_ITS_ZONE.replace("environment: dev", "environment: prod").replace("Z0EX", "Z1EX")
    label = other.replace("label: mqtt", "label: prod")
    for content, is_conflict in ((other, True), (label, False)):
        folder_with(tmp_path, dev=IN_ITS_ZONE, prod=content)
        if not is_conflict:
            assert load("dev", {}, tmp_path).device_name == "mqtt.example.com"
            continue
        with pytest.raises(SettingsError) as refusal:
            load("dev", {}, tmp_path)
        assert str(refusal.value).startswith(
            "environments/dev.yaml:9: zone.name: has the device name mqtt.example.com"
            " of environments/prod.yaml, so both"
        )
    assert load_without_cross_checks("dev", {}, tmp_path).environment == "dev"


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        (("environment: dev", "environment: prod"), ["domain_configuration", "device_policy.name"]),
        (('"fleet"', '"other"'), ["device_policy.name"]),
        (('"FleetPolicy"', '"Other"'), ["domain_configuration"]),
        (("111111111111", "222222222222"), []),
        (("existing: {", "other: {"), []),
    ],
    ids=str,
)
def test_two_environments_do_not_adopt_the_same_resource(
    tmp_path: Path, change: tuple[str, str], keys: list[str]
) -> None:
    other = given(device_policy=POLICY).replace("environment: dev", "environment: prod")
    other = other.replace("label: mqtt", "label: prod").replace(*change)
    root = project_with(tmp_path, dev=given(device_policy=POLICY), prod=other)
    (root / POLICY["document"]).write_text(json.dumps(DOCUMENT), encoding="utf-8")
    reported: tuple[Mistake, ...] = ()
    try:
        load("dev", {}, root / "environments")
    except SettingsError as error:
        reported = error.mistakes
    assert [each.key for each in reported] == [f"existing.{key}" for key in keys]
    where = (
        "is also in environments/prod.yaml, in the same account (111111111111) and"
        " eu-west-1, eu-central-1"
    )
    assert all(where in each.message and each.line == LINE for each in reported)


def test_a_zone_may_not_have_the_name_of_another_environment_s_zone(tmp_path: Path) -> None:
    named = "zone: {id: Z0EXAMPLE, name: iot-prod.example.com}"
    other = VALID.replace("environment: dev", "environment: prod")
    folder_with(tmp_path, dev=VALID.replace(ZONE_LINE, named), prod=other)
    with pytest.raises(
        SettingsError, match=r"name mqtt\.iot-prod\.example\.com of environments/prod\.yaml"
    ):
        load("dev", {}, tmp_path)
    assert load("prod", {}, tmp_path).environment == "prod"


def test_zones_of_environments_without_a_name_cannot_conflict(tmp_path: Path) -> None:
    folder_with(tmp_path, dev=VALID, prod=VALID.replace("environment: dev", "environment: prod"))
    assert load("dev", {}, tmp_path).zone_name == "iot-dev.example.com"
