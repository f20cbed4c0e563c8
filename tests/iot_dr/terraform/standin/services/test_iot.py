from pathlib import Path
from typing import Any

import pytest

from environments.provisioning_files import read
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind

PLACE = "arn:aws:iot:eu-west-1:111111111111"
ROLE = "arn:aws:iam::111111111111:role/rule"
KINESIS = {"role_arn": ROLE, "stream_name": "telemetry", "partition_key": "${topic(2)}"}


@pytest.fixture
def rule(cache: SchemaCache) -> Kind:
    sql = {"sql": "SELECT * FROM 'a/#'", "sql_version": "2016-03-23"}
    return Kind(cache, "aws_iot_topic_rule", name="telemetry", enabled=True, **sql)


@pytest.fixture
def events(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_iot_event_configurations", event_configurations={"THING": True})


@pytest.fixture
def template(cache: SchemaCache) -> Kind:
    known = {"template_body": "{}", "provisioning_role_arn": ROLE}
    return Kind(cache, "aws_iot_provisioning_template", name="fleet", **known)


@pytest.fixture
def authority(cache: SchemaCache) -> Kind:
    known = {"active": True, "allow_auto_registration": False}
    return Kind(cache, "aws_iot_ca_certificate", ca_certificate_pem="pem", **known)


def test_a_rule_and_a_template_are_known_by_name(rule: Kind, template: Kind) -> None:
    made = rule.apply(kinesis=[KINESIS])
    assert (made["id"], made["arn"]) == ("telemetry", f"{PLACE}:rule/telemetry")
    provisioned = template.apply()
    assert provisioned["arn"] == f"{PLACE}:provisioningtemplate/fleet"
    assert (provisioned["type"], provisioned["enabled"]) == ("FLEET_PROVISIONING", False)


def test_a_region_has_one_configuration_of_its_events(events: Kind) -> None:
    assert events.apply()["id"] == "eu-west-1"


def test_a_ca_certificate_has_an_id_as_iot_makes_them(authority: Kind) -> None:
    assert authority.plan()["certificate_mode"] == "DEFAULT"
    made = authority.apply()
    assert made["arn"] == f"{PLACE}:cacert/{made['id']}"
    assert len(made["id"]) == 64
    assert authority.plan()["id"] == UNKNOWN


def test_a_ca_certificate_is_known_by_its_own_hash_whatever_its_layout(authority: Kind) -> None:
    file = Path(__file__).parents[4] / "support" / "device_ca.pem"
    known, pem = read(file).id, file.read_text(encoding="utf-8")
    for text in (pem, pem.replace("\n", "\r\n")):
        assert authority.apply(ca_certificate_pem=text)["id"] == known


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "a-b"}, "letters, digits and _"),
        ({"sql_version": "2020-01-01"}, "2016-03-23"),
        ({"kinesis": [{**KINESIS, "role_arn": "role"}]}, "be an ARN"),
        (
            {
                "error_action": [
                    {"sqs": [{"role_arn": "role", "queue_url": "u", "use_base64": False}]}
                ]
            },
            "be an ARN",
        ),
    ],
)
def test_a_wrong_rule_is_refused(rule: Kind, changes: dict[str, Any], said: str) -> None:
    assert rule.refused() == ""
    assert said in rule.refused(**changes)


def test_what_iot_core_has_no_word_for_is_refused(
    events: Kind, template: Kind, authority: Kind
) -> None:
    assert events.refused() == template.refused() == authority.refused() == ""
    assert "THING_TYPE_ASSOCIATION" in events.refused(event_configurations={"SHADOW": True})
    assert "1 to 36" in template.refused(name="x" * 37)
    assert "be JSON" in template.refused(template_body="{")
    assert "DEFAULT, SNI_ONLY" in authority.refused(certificate_mode="ANY")


def test_what_a_change_replaces(rule: Kind, events: Kind, template: Kind, authority: Kind) -> None:
    assert rule.replaced_by(sql="SELECT 1 FROM 'b'", enabled=False, kinesis=[KINESIS]) == []
    assert rule.replaced_by(name="other") == ["name"]
    assert events.replaced_by(event_configurations={"THING": False}) == []
    assert template.replaced_by(template_body='{"a":1}', enabled=True) == []
    assert template.replaced_by(name="other") == ["name"]
    assert authority.replaced_by(active=False, allow_auto_registration=True) == []
    assert authority.replaced_by(certificate_mode="SNI_ONLY") == ["certificate_mode"]
