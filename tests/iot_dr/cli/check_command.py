"""`iot-dr check` in this process, on documents that a test writes."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from iot_dr.cli import app

ZONE = {"aws_route53_zone": {"zone": {"name": "iot.example.com", "provider": "aws.a"}}}
PROVIDER = {"aws": [{"alias": "a", "region": "eu-west-1"}]}


def write(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)], env={"ENV": ""})


def rows(result: Result) -> Any:
    return json.loads(result.stdout)
