"""The work of `iot-dr deploy` and `iot-dr destroy`."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import typer

from environments.loader import load
from iot_dr.cli.confirmation import confirm_name
from iot_dr.cli.deploy_report import DeployReport
from iot_dr.cli.progress import Progress
from iot_dr.common.waiting import Patience
from iot_dr.delivery.deploy.deployment import Deployment
from iot_dr.delivery.deploy.dns_lookup import ParentLookup
from iot_dr.delivery.deploy.folder import ROOT
from iot_dr.observe.status.network import Network
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph

_FAILED = 1

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class DeployOptions:
    """The options of `deploy`; `wait` in minutes, `confirm` is the answer to its question."""

    environment: str
    provider: str | None
    yes: bool
    confirm: str | None
    wait: float
    as_json: bool


@dataclass(frozen=True, kw_only=True)
class DestroyOptions:
    """The options of `destroy`; `confirm` is the answer to its question."""

    environment: str
    provider: str | None
    confirm: str | None
    as_json: bool


def run_deploy(options: DeployOptions) -> int:
    """Deploy, print, and give the exit status; raises UserError before anything is changed."""
    start = time.monotonic()
    tell = _tell(options.as_json)
    deployment = _deployment(options.environment, options.provider, "deploy", tell, options.wait)
    tell(deployment.provider.changing(deployment.settings.account_id))
    if options.confirm is not None or (deployment.provider is Provider.AWS and not options.yes):
        confirm_name(options.environment, "deployed", options.confirm)
    with deployment.log.announced(tell):
        ended = deployment.deploy()
        seconds = time.monotonic() - start
        report = DeployReport(deployment=deployment, ended=ended, done="deployed", seconds=seconds)
        return _printed(report, as_json=options.as_json)


def run_destroy(options: DestroyOptions) -> int:
    """Destroy, print what is left, and give the exit status; raises UserError if not agreed to."""
    start = time.monotonic()
    tell = _tell(options.as_json)
    deployment = _deployment(options.environment, options.provider, "destroy", tell)
    tell(deployment.provider.changing(deployment.settings.account_id))
    names = [node.name for node in deployment.going]
    tell(f"To be destroyed, in this order: {', '.join(names)}.")
    confirm_name(options.environment, "destroyed", options.confirm)
    with deployment.log.announced(tell):
        ended = deployment.destroy()
        seconds = time.monotonic() - start
        report = DeployReport(deployment=deployment, ended=ended, done="destroyed", seconds=seconds)
        status = _printed(report, as_json=options.as_json)
        tell(
            f"Not touched: {', '.join(deployment.standing)}. The zone, the certificate and the"
            " buckets with every state\nstand; removing them is a runbook: docs/runbooks/deploy.md."
        )
        return status


def _tell(as_json: bool) -> Tell:
    # The document for machines stands alone on standard output.
    return partial(typer.echo, err=as_json)


def _deployment(
    environment: str, provider: str | None, command: str, tell: Tell, wait: float = 0
) -> Deployment:
    settings = load(environment)
    return Deployment(
        settings=settings,
        provider=Provider.chosen(provider, environment, os.environ),
        network=Network.public(),
        lookup=ParentLookup.of_this_machine(),
        patience=Patience(limit=wait * 60),
        tell=tell,
        log=RunLog(Path(ROOT, environment, f"{command}.log")),
        progress=Progress(platform_graph(settings).nodes),
    )


def _printed(report: DeployReport, *, as_json: bool) -> int:
    typer.echo(report.json() if as_json else report.text())
    for detail in report.details():
        typer.echo(f"\n{detail}", err=True)
    return 0 if report.is_whole else _FAILED
