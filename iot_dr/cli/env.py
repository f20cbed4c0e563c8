"""`iot-dr env`: shows, checks and creates settings files."""

import json
import os
from collections.abc import Iterator
from typing import Annotated, Any, Final, cast

import typer

from environments import document, loader, template
from environments.conflicts import check_registry
from environments.errors import ABSENT, Mistake, SettingsError
from environments.project import environments_folder, settings_file
from environments.provisioning_files import valid_device_ca
from environments.schema import FILE
from environments.selection import EVERY
from environments.settings import Settings
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import (
    DEFAULT_ENVIRONMENT,
    WITHOUT_DATA,
    EnvironmentOption,
    JsonOption,
    WithoutDataOption,
)
from iot_dr.cli.settings_warning import warn_of_settings
from iot_dr.cli.text import columns, echo, table
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.renamed_keys import with_old_keys

_NEW_REGIONS: Final = ("eu-west-1", "eu-central-1")


def show(
    name: Annotated[str | None, typer.Argument(help="Another way to name the environment.")] = None,
    env: EnvironmentOption = DEFAULT_ENVIRONMENT,
    as_json: JsonOption = False,
) -> None:
    """Show the effective settings of an environment, and names derived from them.

    Example: iot-dr env show --env dev
    """
    name = env if name is None else name
    settings = loader.load(name)
    source = settings_file(name) if "primary_region" in settings.model_fields_set else "the default"
    source = loader.PRIMARY_REGION if os.environ.get(loader.PRIMARY_REGION) else source
    effective = _effective(settings, source)
    regions = _regions(settings)
    if as_json:
        shown = with_old_keys("env show", effective | {"failover_order": regions})
        print_document("env show", shown, environment=name)
    else:
        heads = tuple(key.upper().replace("_", " ") for key in regions[0])
        regional = table([heads, *(tuple(region.values()) for region in regions)])
        echo(f"{columns([*_lines(effective)])}\n\n{regional}")


def check(
    names: Annotated[list[str] | None, typer.Argument(help="Environments. Default: all.")] = None,
    env: Annotated[
        str | None,
        typer.Option("--env", help="Another way to name one environment, or all.", metavar="NAME"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check settings files, ignoring PRIMARY_REGION; exit 2 for a mistake.

    Example: iot-dr env check dev prod
    """
    named = [*(names or ()), *([env] if env else [])]
    checked = loader.names() if EVERY in named or not named else named
    mistakes: list[Mistake] = []
    for name in checked:
        try:
            settings = loader.load(name, {})
            valid_device_ca(settings)
            warn_of_settings(settings)
        except SettingsError as error:
            mistakes += error.mistakes
    if as_json:
        rows = [
            {**vars(mistake), "value": None if mistake.value is ABSENT else mistake.value}
            for mistake in mistakes
        ]
        document = {"checked": checked, "mistakes": rows}
        print_document("env check", document, ExitStatus.MISTAKE if mistakes else 0, env)
    elif mistakes:
        echo("\n".join(map(str, mistakes)), err=True)
    else:
        echo(f"{', '.join(checked) or 'no environment'}: no mistakes")
    if mistakes:
        raise typer.Exit(ExitStatus.MISTAKE)


def new(  # noqa: PLR0913, PLR0917 - an option each
    name: Annotated[str, typer.Argument(help="New environment, such as test.")],
    domain: Annotated[
        str, typer.Option(help="DNS domain above the environment's zone.")
    ] = "example.com",
    account_id: Annotated[str, typer.Option(help="AWS account: 12 digits.")] = "123456789012",
    region: Annotated[
        list[str] | None,
        typer.Option(
            help="Region; repeat it for each region, the primary first.",
            show_default=", ".join(_NEW_REGIONS),
        ),
    ] = None,
    project: Annotated[
        str, typer.Option(help="Project, which names and tags begin with.")
    ] = "example",
    without_data: WithoutDataOption = False,
) -> None:
    """Write a commented settings file for a new environment.

    An existing file is never replaced.

    Example: iot-dr env new test --domain example.org --region eu-west-1 --region eu-north-1
    """
    folder = environments_folder()
    is_generated = (folder / template.GENERATED_SCHEMA).exists()
    content = template.text(
        name,
        project=project,
        domain=domain,
        account_id=account_id,
        regions=region or _NEW_REGIONS,
        schema=template.GENERATED_SCHEMA if is_generated else FILE.name,
        has_data=not without_data,
    )
    source = document.read(content.encode(), settings_file(name))
    if mistakes := tuple(check_registry(source, folder)):
        raise SettingsError(mistakes)
    path = template.create(name, content, folder)
    echo(
        f"Wrote {path.parent.name}/{path.name}; see it with `iot-dr env show {name}`, plan it with"
        f" `make plan ENV={name} PROVIDER=standin`."
    )
    if without_data:
        echo(WITHOUT_DATA)


def _effective(settings: Settings, source: str) -> dict[str, Any]:
    return settings.model_dump(mode="json") | {
        "primary_region_from": source,
        "zone_name": settings.zone_name,
        "device_name": settings.device_name,
    }


def _regions(settings: Settings) -> list[dict[str, str]]:
    return [
        {
            "region": region,
            "role": settings.role(region),
            "regional_name": settings.regional_name(region),
            "state_bucket": settings.state_bucket(region),
        }
        for region in settings.failover_order
    ]


def _lines(settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in settings.items():
        if isinstance(value, dict):
            inner = cast("dict[str, Any]", value)
            yield from _lines({f"{key}.{name}": inner[name] for name in inner})
        else:
            yield key, value if isinstance(value, str) else json.dumps(value)
