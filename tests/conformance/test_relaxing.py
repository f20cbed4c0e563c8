"""What an older official provider is not told."""

import json
from pathlib import Path

import pytest

from tests.conformance.relaxing import relax

REPLICA = {"region_name": "eu-central-1", "deletion_protection_enabled": True}


@pytest.mark.parametrize(("version", "kept"), [("5.100.0", 1), ("6.25.0", 2)])
def test_an_argument_of_version_6_is_left_out_for_version_5(
    tmp_path: Path, version: str, kept: int
) -> None:
    file = tmp_path / "cdk.tf.json"
    table = {"name": "a", "replica": [REPLICA]}
    required = {"aws": {"source": "aws", "version": "6.24.0"}}
    document = {
        "terraform": {"required_providers": required},
        "resource": {"aws_dynamodb_table": {"a": table}},
    }
    file.write_text(json.dumps(document), encoding="utf-8")
    relaxed = relax(file, version)
    assert relaxed["terraform"]["required_providers"]["aws"]["version"] == version
    (replica,) = relaxed["resource"]["aws_dynamodb_table"]["a"]["replica"]
    assert len(replica) == kept
