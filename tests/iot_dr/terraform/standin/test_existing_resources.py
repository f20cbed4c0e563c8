"""Imports of resources that an account had before Terraform."""

import json
from pathlib import Path
from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.existing import ExistingFileError, ExistingResources, as_values
from iot_dr.terraform.standin.provider import PRIVATE_MARK, StandinProvider
from iot_dr.terraform.standin.values import decode_value, encode_value
from iot_dr.terraform.standin.wire import encode_field, encode_message, parse
from iot_dr.terraform_json.files import STACK_FILE

POLICY, DOMAIN, RECORD = "aws_iot_policy", "aws_iot_domain_configuration", "aws_route53_record"
REGION = "eu-west-1"
STACK = {
    "import": [{"to": f"{POLICY}.device", "id": "Fleet", "provider": "aws.eu_west_1"}],
    "resource": {
        POLICY: {
            "device": {
                "//": {"metadata": {}},
                "provider": "aws.eu_west_1",
                "name": "Fleet",
                "policy": '{"Statement":"$${iot:ClientId}"}',
            }
        }
    },
}


def written(path: Path, document: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def stacks(folder: Path, document: object = STACK) -> Path:
    written(folder / "stacks" / "iot" / STACK_FILE, document)
    return folder / "stacks"


def imported(
    cache: SchemaCache, existing: ExistingResources, type_: str, id_: str
) -> dict[str, Any]:
    """Return the state that the stand-in imports; fail on a diagnostic."""
    provider = StandinProvider(cache, existing=existing)
    config = {"region": REGION, "default_tags": [{"tags": {"ManagedBy": "iot-dr"}}]}
    request = encode_message(2, encode_value(config))
    assert provider.answer("Configure", request) == b""
    answer = parse(provider.answer("ImportResourceState", _request(type_, id_)))
    assert 2 not in answer, answer
    content = parse(bytes(answer[1]))
    assert content[3] == PRIVATE_MARK
    return decode_value(bytes(content[2]))


def _request(type_: str, id_: str) -> bytes:
    return encode_field(1, type_) + encode_field(2, id_)


def test_a_resource_of_the_file_has_its_arguments_and_what_aws_adds(
    cache: SchemaCache, tmp_path: Path
) -> None:
    domain = {"name": "fleet", "domain_name": "mqtt.example.com", "tls_config": {}}
    file = written(tmp_path / "existing.json", {DOMAIN: {"fleet": domain}})
    state = imported(cache, ExistingResources(file), DOMAIN, "fleet")
    assert (state["id"], state["domain_name"]) == ("fleet", "mqtt.example.com")
    assert state["status"] == "ENABLED"
    assert state["application_protocol"] == "DEFAULT"
    assert [block["security_policy"] for block in state["tls_config"]] == [
        "IoTSecurityPolicy_TLS12_1_2_2022_10"
    ]
    assert not state["tags_all"]


def test_tags_of_aws_itself_are_not_read(cache: SchemaCache, tmp_path: Path) -> None:
    tags = {"aws:cloudformation:stack-name": "fleet", "Team": "devices"}
    policy = {"name": "Fleet", "policy": "{}", "tags": tags}
    file = written(tmp_path / "existing.json", {POLICY: {"Fleet": policy}})
    state = imported(cache, ExistingResources(file), POLICY, "Fleet")
    assert state["tags"] == state["tags_all"] == {"Team": "devices"}


def test_an_account_s_text_is_not_an_expression(cache: SchemaCache, tmp_path: Path) -> None:
    policy = {"name": "Fleet", "policy": '{"Resource":"${iot:ClientId}"}'}
    file = written(tmp_path / "existing.json", {POLICY: {"Fleet": policy}})
    state = imported(cache, ExistingResources(file), POLICY, "Fleet")
    assert state["policy"] == '{"Resource":"${iot:ClientId}"}'


def test_another_is_assumed_to_be_as_its_import_configures_it(
    cache: SchemaCache, tmp_path: Path
) -> None:
    file = written(tmp_path / "existing.json", {})
    state = imported(cache, ExistingResources(file, stacks(tmp_path)), POLICY, "Fleet")
    assert (state["id"], state["name"]) == ("Fleet", "Fleet")
    assert state["policy"] == '{"Statement":"${iot:ClientId}"}'
    assert state["tags_all"] == {"ManagedBy": "iot-dr"}


def test_a_record_has_the_id_by_which_it_was_imported(cache: SchemaCache, tmp_path: Path) -> None:
    id_ = "Z1_mqtt.example.com_CNAME_primary"
    record = {
        "zone_id": "Z1",
        "name": "mqtt.example.com",
        "type": "CNAME",
        "ttl": 60,
        "records": ["a.example.com"],
        "set_identifier": "primary",
        "failover_routing_policy": {"type": "PRIMARY"},
    }
    file = written(tmp_path / "existing.json", {RECORD: {id_: record}})
    state = imported(cache, ExistingResources(file), RECORD, id_)
    assert (state["id"], state["fqdn"]) == (id_, "mqtt.example.com")
    assert state["failover_routing_policy"] == [{"type": "PRIMARY"}]


def test_the_file_wins_over_the_configuration(tmp_path: Path) -> None:
    file = written(tmp_path / "existing.json", {POLICY: {"Fleet": {"policy": "{}"}}})
    existing = ExistingResources(file, stacks(tmp_path))
    assert existing.listed(POLICY, "Fleet") == {"policy": "{}"}
    assert existing.configured(POLICY, "Fleet") == STACK["resource"][POLICY]["device"]
    assert existing.configured(POLICY, "Other") is None


@pytest.mark.parametrize(
    "content",
    ["no JSON", "[]", f'{{"{POLICY}": []}}', f'{{"{POLICY}": {{"Fleet": "text"}}}}'],
)
def test_a_file_of_another_form_is_an_error_that_names_it(content: str, tmp_path: Path) -> None:
    file = tmp_path / "existing.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(
        ExistingFileError, match=r"existing\.json: (cannot be read as JSON|expected)"
    ):
        ExistingResources(file).listed(POLICY, "Fleet")


def test_a_zone_has_the_name_of_the_file_or_the_given_one(tmp_path: Path) -> None:
    zones = {"Z1": "example.com"}
    assert ExistingResources(zones=zones).zone("Z1")["name"] == "example.com"
    assert ExistingResources(zones=zones).zone("Z2")["name"] is None
    file = written(
        tmp_path / "existing.json", {"aws_route53_zone": {"Z1": {"name": "example.org"}}}
    )
    assert ExistingResources(file, zones=zones).zone("Z1")["name"] == "example.org"


def test_expressions_and_meta_arguments_have_no_value(cache: SchemaCache) -> None:
    block = cache.block("resource", RECORD)
    given = {"name": "${var.name}", "ttl": 60, "records": ["${a.b}"], "lifecycle": {}, "//": {}}
    values = as_values(block, given)
    assert (values["name"], values["ttl"], values["records"]) == (None, 60, [None])
    assert values.keys() == {*block.attributes, *block.blocks}


@pytest.mark.parametrize(
    ("name", "set_identifier"), [("_0a1b.example.com", None), ("mqtt.example.com", "primary")]
)
def test_a_record_s_id_has_the_arguments_that_the_configuration_gives_as_expressions(
    name: str, set_identifier: str | None, cache: SchemaCache, tmp_path: Path
) -> None:
    id_ = "_".join(filter(None, ("Z1", name, "CNAME", set_identifier)))
    document = {
        "import": [{"to": f"{RECORD}.it", "id": id_}],
        "resource": {RECORD: {"it": {"zone_id": "${data.x.y.zone_id}", "name": "${var.name}"}}},
    }
    existing = ExistingResources(None, stacks(tmp_path, document))
    state = imported(cache, existing, RECORD, id_)
    assert (state["id"], state["zone_id"], state["name"]) == (id_, "Z1", name)
    assert (state["type"], state["set_identifier"]) == ("CNAME", set_identifier)
