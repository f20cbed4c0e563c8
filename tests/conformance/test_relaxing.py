"""Arguments that are removed for an older official provider."""

import json
from pathlib import Path

from iot_dr.terraform_json.files import STACK_FILE
from tests.conformance.relaxing import relax, unprotect

SCHEMA = {
    "resource_schemas": {
        "aws_x": {
            "block": {
                "attributes": {"name": {}},
                "block_types": {"rule": {"block": {"attributes": {"kind": {}}}}},
            }
        }
    },
    "data_source_schemas": {},
}


def test_protected_resources_lose_their_protection(tmp_path: Path) -> None:
    file = tmp_path / "iot-dev-data" / STACK_FILE
    file.parent.mkdir()
    protected = {"deletion_protection_enabled": True}
    body = {**protected, "replica": [protected], "lifecycle": {"prevent_destroy": True}}
    file.write_text(json.dumps({"resource": {"aws_x": {"a": body}}}), encoding="utf-8")
    unprotect(tmp_path)
    (left,) = json.loads(file.read_text(encoding="utf-8"))["resource"]["aws_x"].values()
    assert left == {
        "deletion_protection_enabled": False,
        "replica": [{"deletion_protection_enabled": False}],
        "lifecycle": {},
    }


def test_arguments_that_a_provider_lacks_are_removed_and_named(tmp_path: Path) -> None:
    file = tmp_path / "iot-dev-x" / STACK_FILE
    file.parent.mkdir()
    body = {
        "//": {},
        "provider": "aws.here",
        "name": "a",
        "colour": "red",
        "rule": [{"kind": "b", "age": 1}, {"kind": "c"}],
    }
    document = {
        "terraform": {"required_providers": {"aws": {"source": "aws", "version": "6.24.0"}}},
        "resource": {"aws_x": {"a": body}, "aws_unknown": {"b": {"name": "b"}}},
    }
    file.write_text(json.dumps(document), encoding="utf-8")
    removed = relax(tmp_path, "5.100.0", SCHEMA)
    relaxed = json.loads(file.read_text(encoding="utf-8"))
    assert relaxed["terraform"]["required_providers"]["aws"]["version"] == "5.100.0"
    assert relaxed["resource"] == {
        "aws_x": {
            "a": {
                "//": {},
                "provider": "aws.here",
                "name": "a",
                "rule": [{"kind": "b"}, {"kind": "c"}],
            }
        },
        "aws_unknown": {"b": {"name": "b"}},
    }
    assert removed == {"aws_x.colour", "aws_x.rule.age"}
