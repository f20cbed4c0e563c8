"""The schema that Terraform gets from a provider, as `terraform providers schema` prints it."""

import json
from pathlib import Path
from typing import Any

from iot_dr.common.user_error import UserError
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.mirror import standin_environment
from tests.conformance.official import OfficialProvider

_TIMEOUT = 300


def official_schema(provider: OfficialProvider, folder: Path) -> dict[str, Any]:
    """Return an official provider's schema; raises `UserError` if it does not start."""
    folder.mkdir()
    configuration = folder / "terraform.rc"
    configuration.write_text(provider.configuration, encoding="utf-8")
    return _schema({"TF_CLI_CONFIG_FILE": str(configuration)}, provider.version, folder)


def standin_schema(folder: Path) -> dict[str, Any]:
    """Return the stand-in's schema."""
    folder.mkdir()
    cache = SchemaCache.default()
    return _schema(standin_environment(cache), cache.version, folder)


def _schema(variables: dict[str, str], version: str, folder: Path) -> dict[str, Any]:
    required = {"aws": {"source": "aws", "version": version}}
    document = {"terraform": {"required_providers": required}}
    (folder / "main.tf.json").write_text(json.dumps(document), encoding="utf-8")
    commands = Engine.chosen({}).commands(variables)
    try:
        for arguments in (["init"], ["providers", "schema", "-json"]):
            ran = commands.run(arguments, folder, _TIMEOUT)
            if ran.returncode:
                raise UserError(f"hashicorp/aws {version} does not start: {ran.stderr.strip()}")
    finally:
        commands.close()
    (schema,) = json.loads(ran.stdout)["provider_schemas"].values()
    return schema
