"""`iot-dr init`: generates a project."""

import re
import shlex
import sys
from collections.abc import Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from environments.errors import SettingsError
from iot_dr.cli.json_output import print_document
from iot_dr.cli.next_steps import next_step
from iot_dr.cli.options import WITHOUT_DATA, JsonOption, WithoutDataOption
from iot_dr.cli.text import echo
from iot_dr.common.extra import UNKNOWN_URL
from iot_dr.common.plain_text import plain
from iot_dr.project.files import REQUIREMENTS
from iot_dr.project.new_project import NewProject, write_new

_EXAMPLES: Final = {
    "project": "example",
    "environments": "dev",
    "domain": "example.com",
    "account_id": "123456789012",
    "regions": "eu-west-1,eu-central-1",
}
# Nobody owns them: a plan with the stand-in takes them, an apply to AWS must not.
_PLACEHOLDERS: Final = ("domain", "account_id")

_DATA: Final = (
    "Each region has device data, billed without devices too: a Kinesis stream, alarms and replicas"
    " of tables. See docs/reference/cost.md; --without-data leaves it out."
)
_UNPINNED: Final = (
    "this iot-dr was not installed from a wheel with a known hash; write the wheel's URL and hash"
    " there before `make` or a workflow installs it"
)


def _folder(text: str) -> Path:
    if not text:
        raise typer.BadParameter("must be the path of a folder, not an empty text")
    return Path(text)


def init(  # noqa: PLR0913, PLR0917 - an option each
    folder: Annotated[
        Path,
        typer.Argument(help="New or existing folder.", metavar="DIR", parser=_folder),
    ],
    domain: Annotated[
        str | None, typer.Option(help="DNS domain above the environments' zones.")
    ] = None,
    regions: Annotated[
        str | None,
        typer.Option(help="Two to five regions, the primary first.", metavar="REGION,REGION"),
    ] = None,
    account_id: Annotated[
        str | None,
        typer.Option(help="AWS account, or one for each environment.", metavar="12 DIGITS"),
    ] = None,
    environments: Annotated[
        str | None,
        typer.Option(help="Environments, in the order of their rollout.", metavar="NAME,NAME"),
    ] = None,
    project: Annotated[
        str | None, typer.Option(help="Name of the project; by default that of the folder.")
    ] = None,
    without_data: WithoutDataOption = False,
    engine: Annotated[
        Literal["cdktf", "cdktn"],
        typer.Option(help="Engine of the app: CDK for Terraform, or CDK Terrain, its fork."),
    ] = "cdktf",
    as_json: JsonOption = False,
) -> None:
    """Generate a project: settings, CDKTF app, Makefile, workflows; no file is replaced.

    Asks for options that are missing if there is a terminal, and takes example values otherwise.
    If a file exists, nothing is written, and exit 2 lists the files.

    The engine is in cdktf.json, where every command reads it; ENGINE replaces it.

    Example: iot-dr init platform --domain example.org --environments dev,prod
    """
    given = {
        "project": project,
        "environments": environments,
        "domain": domain,
        "account_id": account_id,
        "regions": regions,
    }
    values = {**_EXAMPLES, "project": _project_name(folder), "engine": engine}
    values |= {name: value for name, value in given.items() if value is not None}
    has_data = not without_data
    if sys.stdin.isatty() and not as_json:
        _project(values, has_data).settings()
        for name in (name for name, value in given.items() if value is None):
            values = _asked(name, values, has_data)
    new = _project(values, has_data)
    files = new.files()
    write_new(files, folder)
    if UNKNOWN_URL in files[REQUIREMENTS].decode():
        echo(f"{REQUIREMENTS}: {_UNPINNED}", err=True)
    examples = {name: values[name] for name in _PLACEHOLDERS if values[name] == _EXAMPLES[name]}
    if "account_id" in examples:
        examples["account_id"] = ",".join(new.accounts)
    if as_json:
        document = {
            "folder": str(folder),
            **vars(new),
            "example_values": [*examples],
            "files": sorted(files),
        }
        print_document("init", document)
        return
    echo(f"Wrote {len(files)} files into {plain(str(folder))}.")
    if examples:
        named = ", ".join(f"{name} {value}" for name, value in examples.items())
        echo(f"Example values: {named}; replace them in environments/ before PROVIDER=aws.")
    echo(WITHOUT_DATA if without_data else _DATA)
    installed = "" if PathFinder.find_spec(engine) else " && make install"
    quoted = {"folder": f"{plain(shlex.quote(str(folder)))}{installed}"}
    echo(f"Next: {next_step('init', 0, quoted, is_result=True)}")


def _project(values: Mapping[str, str], has_data: bool) -> NewProject:
    environments, accounts = _words(values["environments"]), _words(values["account_id"])
    if accounts == [_EXAMPLES["account_id"]]:
        accounts = [str(int(accounts[0]) + number) for number, _ in enumerate(environments)]
    return NewProject(
        project=values["project"],
        environments=environments,
        domain=values["domain"],
        accounts=accounts or [values["account_id"]],
        regions=_words(values["regions"]),
        has_data=has_data,
        engine=values["engine"],
    )


def _asked(name: str, values: Mapping[str, str], has_data: bool) -> dict[str, str]:
    """Ask for a value until it is a valid one, and return the values with it."""
    question = name.replace("_", " ").capitalize()
    while True:
        # Quoted as in the settings file, too.
        answer = typer.prompt(question, default=values[name], err=True).strip(" '\"")
        answered = {**values, name: answer}
        try:
            _project(answered, has_data).settings()
        except SettingsError as error:
            echo(str(error), err=True)
        else:
            return answered


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _project_name(folder: Path) -> str:
    """Return the folder's name in the form of a project's name, or the example."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.absolute().name.lower()).strip("-0123456789")
    return name[:20].strip("-") or _EXAMPLES["project"]
