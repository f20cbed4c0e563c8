"""`iot-dr registry diff`: the registries of two regions, compared."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from environments.loader import load_without_cross_checks
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import (
    EnvironmentOption,
    JsonOption,
    RateOption,
    RegionArgument,
    ResumeOption,
)
from iot_dr.cli.progress import ReadingProgress
from iot_dr.cli.text import columns, echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import plain
from iot_dr.operate.registry.diff import Difference, DiffResult, compare
from iot_dr.operate.registry.ledger import ledger
from iot_dr.operate.registry.names import refuse_foreign
from iot_dr.operate.registry.sites import RegistryClients


def diff(  # noqa: PLR0913, PLR0917 - one argument for each option
    first: RegionArgument,
    second: RegionArgument,
    env: EnvironmentOption = "dev",
    rate: RateOption = None,
    resume: ResumeOption = None,
    show: Annotated[
        bool, typer.Option("--show", help="Print values too, including those in shadows.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare types, groups, policies, certificates, things, shadows of two regions.

    Changes nothing. A thing takes 3 calls in each region; its shadows take one for their names and
    one each. ListThingPrincipalsV2 and DescribeCertificate determine the duration, which is said
    beforehand, with the quota to request: an hour for 28,800 things by AWS's default. Terraform's
    device policy is excluded.
    Exit 0 if both are equal, 3 if not, 1 if AWS refuses or does not answer, 2 for a usage error.

    Example: iot-dr registry diff eu-west-1 eu-central-1 --env dev --resume diff.ledger
    """
    settings, regions = load_without_cross_checks(env), (first, second)
    refuse_foreign(settings, regions)
    sites = RegistryClients(settings, rate)
    sites.refuse_other_account(first)
    for region in regions:
        echo(sites.estimate(region), err=True)
    subject = {"command": "diff", "environment": env, "regions": " ".join(regions)}
    with ledger(resume, subject) as book, ReadingProgress(sites.things).shown() as progress:
        result = compare(sites, regions, book, progress.add_entities, show=show)
    exit_status = 0 if result.is_equal else ExitStatus.NOT_GOOD
    if as_json:
        print_document("registry diff", _document(env, result), exit_status, env)
    else:
        echo("\n".join(diff_lines(env, result)))
    raise typer.Exit(exit_status)


def diff_lines(environment: str, result: DiffResult) -> Iterator[str]:
    """Yield the lines of a comparison."""
    first, second = result.regions
    verdict = "are equal" if result.is_equal else "differ"
    yield f"{environment}: {first} and {second} {verdict}."
    head = ("KIND", "EQUAL", "DIFFERENT", f"ONLY {first}", f"ONLY {second}", "UNREADABLE")
    yield columns([head, *(tuple(map(str, asdict(each).values())) for each in result.counts)])
    for difference in result.differences:
        yield f"{difference.key}: {plain(difference.where)}{_fields(difference)}"
    rest = result.differing - len(result.differences)
    if rest > 0:
        yield f"and {rest} more"


def _fields(difference: Difference) -> str:
    parts = [
        field.path if field.first is None else f"{field.path}: {field.first} / {field.second}"
        for field in difference.fields
    ]
    return f": {', '.join(parts)}" if parts else ""


def _document(environment: str, result: DiffResult) -> dict[str, Any]:
    return {
        "environment": environment,
        "regions": result.regions,
        "equal": result.is_equal,
        "kinds": [asdict(each) for each in result.counts],
        "differences": [asdict(each) for each in result.differences],
    }
