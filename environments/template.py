"""The settings file of a new environment."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from environments.blocks import Block, Health, Recovery
from environments.errors import ABSENT, Mistake, SettingsError
from environments.loader import parse
from environments.project import settings_file
from environments.schema import FILE

GENERATED_SCHEMA: Final = "../.iot-dr/settings.schema.json"
"""Where the schema is in a project that `iot-dr init` generated."""

_PLAIN: Final = re.compile(r"[a-z][a-z0-9.-]*")
_NOT_TEXT: Final = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
# Temporary files are readable by their owner only; this one is kept.
_READABLE: Final = 0o644

_TEXT: Final = """\
# yaml-language-server: $schema={schema}
project: {project}
environment: {environment}
domain: {domain} # the zone is iot-{environment}.{domain}
account_id: {account_id} # the AWS account that Terraform may touch
home_region: {home} # set once: it has the zone's certificate and the global state
primary_region: {home} # serves while healthy; PRIMARY_REGION overrides it
regions: [{regions}] # in the order in which they take over
zone: {{ create: true, delegation: manual }} # you add its NS record to the parent zone
endpoint: {{ label: mqtt, ttl: 60 }} # devices connect to mqtt.iot-{environment}.{domain}
health: {{ {health} }} # seconds; checks in a row
recovery: {{ {recovery} }}
state: {{ bucket_prefix: {prefix} }} # one bucket in each region: {prefix}-{environment}-REGION
# Device registry, last states and telemetry in every region, billed without devices too (a stream,
# alarms, tables). Without it a standby refuses devices unless something else registers them there:
{data}
# A pipeline in AWS CodePipeline that rolls this environment out (docs/runbooks/pipeline.md):
# pipeline:
#   repository: {project}/iot-platform # on GitHub
#   branch: {environment} # not used by another environment
#   promoted_from: null # or the environment whose branch must contain a commit first
#   active_region: {home} # the other region has a standby copy
#   connections: # to GitHub, one in each region, authorized by a person
{connections}
#   bake_minutes: 10 # minutes for which alarms are watched after a wave
tags: {{}}
"""
_CONNECTION: Final = (
    "#     {region}: arn:aws:codeconnections:{region}:{account_id}:connection/"
    "00000000-0000-0000-0000-000000000000"
)


def text(  # noqa: PLR0913 - a value of the file each
    environment: str,
    *,
    project: str,
    domain: str,
    account_id: str,
    regions: Sequence[str],
    schema: str = FILE.name,
    has_data: bool = True,
) -> str:
    """Return a commented settings file for `environment`; the first region is home and primary.

    `schema` is the path of the settings' JSON schema from the file's folder, for editors. Without
    `has_data` the block `data` is a comment.

    Raises SettingsError if the values are invalid.
    """
    content = _TEXT.format(
        schema=schema,
        project=_scalar(project),
        environment=_scalar(environment),
        domain=_scalar(domain),
        account_id=_scalar(account_id),
        health=_defaults(Health()),
        recovery=_defaults(Recovery()),
        home=_scalar(regions[0]) if regions else '""',
        regions=", ".join(_scalar(region) for region in regions),
        prefix=_scalar(f"{project}-iot"),
        data="data: {}" if has_data else "# data: {}",
        connections="\n".join(
            _CONNECTION.format(region=_commented(region), account_id=_commented(account_id))
            for region in regions[:2]
        ),
    )
    try:
        parse(content.encode(), environment)
    except SettingsError as error:
        raise SettingsError(tuple(_of_the_values(error))) from None
    return content


def create(environment: str, content: str, folder: Path) -> Path:
    """Write `content` as the settings file of `environment`; return its path.

    The file is written as a whole, and never replaces an existing file. Raises SettingsError if
    the file exists or the folder cannot be written.
    """
    path = folder / f"{environment}.yaml"
    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=".") as temporary:
            temporary.write(content)
            temporary.flush()
            Path(temporary.name).chmod(_READABLE)
            # Unlike a rename, a link fails if the file exists.
            path.hardlink_to(temporary.name)
    except OSError as error:
        message = f"the file cannot be written: {error.strerror}"
        if isinstance(error, FileExistsError):
            message = "the file exists; edit it, or choose another name"
        mistake = Mistake(settings_file(environment), None, "", ABSENT, message)
        raise SettingsError((mistake,)) from None
    return path


def _of_the_values(error: SettingsError) -> Iterator[Mistake]:
    """Yield the mistakes without their lines: the user has not seen this file."""
    for mistake in error.mistakes:
        # These two repeat the first region, whose own mistake says it all.
        if mistake.key not in {"home_region", "primary_region"}:
            yield replace(mistake, file="new environment", line=None)


def _defaults(block: Block) -> str:
    return ", ".join(f"{key}: {value}" for key, value in block.model_dump().items())


def _scalar(value: str) -> str:
    if _PLAIN.fullmatch(value) and value not in _NOT_TEXT:
        return value
    # Python's escapes are YAML's too; JSON's own two for one character are not.
    return json.dumps(value, ensure_ascii=False).encode("ascii", "backslashreplace").decode()


def _commented(value: str) -> str:
    """Return a value as part of a comment, escaped so that a wrong value cannot end it."""
    return _scalar(value).strip('"')
