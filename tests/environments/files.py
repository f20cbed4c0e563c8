"""A valid settings file, and ways to break it."""

from pathlib import Path

from environments.errors import Mistake, SettingsError
from environments.loader import parse
from tests.support.pipeline import PIPELINE

VALID = """\
project: example
environment: dev
domain: example.com
account_id: "111111111111"
deploy_role_arn: null
home_region: eu-west-1
primary_region: eu-west-1
regions: [eu-west-1, eu-central-1]
zone: {create: true, delegation: manual}
endpoint: {label: mqtt, ttl: 60, tls_policy: IoTSecurityPolicy_TLS13_1_2_2022_10}
health: {mode: deep, interval: 30, threshold: 3}
state: {bucket_prefix: example-iot}
tags: {}
"""


def with_pipeline(name: str, promoted_from: str) -> str:
    """Return a valid file of the environment `name` with a pipeline, of a branch of its own."""
    return f"""\
{VALID.replace("environment: dev", f"environment: {name}")}\
pipeline:
  repository: example/iot-platform
  branch: of-{name}
  active_region: eu-west-1
  connections: {dict(PIPELINE["connections"])}
  promoted_from: {promoted_from}
"""


def with_line(line: int, text: str) -> str:
    """Return the valid file with one line, counted from 1, replaced."""
    lines: list[str] = [*VALID.splitlines()]
    lines[line - 1] = text
    return "\n".join([*lines, ""])


def mistakes(content: str | bytes, primary_region: str = "") -> tuple[Mistake, ...]:
    """Return the mistakes of `dev.yaml` with this content; empty if it is valid."""
    raw = content.encode() if isinstance(content, str) else content
    try:
        parse(raw, "dev", primary_region)
    except SettingsError as error:
        return error.mistakes
    return ()


def only_mistake(content: str | bytes, primary_region: str = "") -> Mistake:
    """Return the only mistake of this content; fail unless there is exactly one."""
    (mistake,) = mistakes(content, primary_region)
    return mistake


def folder_with(path: Path, **files: str | bytes) -> Path:
    """Write each of `files`, named after its environment, into the folder `path`."""
    for name, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        (path / f"{name}.yaml").write_bytes(raw)
    return path


def project_with(root: Path, **files: str | bytes) -> Path:
    """Create a project with these environments in the folder `root`."""
    (root / "environments").mkdir(parents=True)
    (root / "cdktf.json").write_text("{}")
    folder_with(root / "environments", **files)
    return root
