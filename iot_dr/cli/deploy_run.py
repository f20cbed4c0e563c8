"""The work of `iot-dr deploy` and `iot-dr destroy`."""

import os
import time
from dataclasses import dataclass

import typer

from environments.loader import load
from iot_dr.cli.confirmation import NotConfirmedError, ask_for_name
from iot_dr.deploy.deployment import Deployment
from iot_dr.deploy.dns_lookup import ParentLookup
from iot_dr.status.network import Network
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.provider_choice import Provider
from iot_dr.waiting import Patience

_FAILED = 1


@dataclass(frozen=True, kw_only=True)
class DeployOptions:
    """The options of `deploy`; `wait` in minutes."""

    environment: str
    provider: str | None
    yes: bool
    wait: float


@dataclass(frozen=True, kw_only=True)
class DestroyOptions:
    """The options of `destroy`; `confirm` is the answer to its question."""

    environment: str
    provider: str | None
    confirm: str | None


def run_deploy(options: DeployOptions) -> int:
    """Deploy, print, and give the exit status; raises UserError before anything is changed."""
    start = time.monotonic()
    deployment = _deployment(options.environment, options.provider, options.wait)
    typer.echo(deployment.provider.changing(deployment.settings.account_id))
    if deployment.provider is Provider.AWS and not options.yes:
        ask_for_name(options.environment, "deployed", "--yes")
    try:
        status = deployment.deploy()
    except TerraformError as error:
        typer.echo(f"the hosted zone: {error}", err=True)
        return _FAILED
    return _end(deployment, "deployed", status, start)


def run_destroy(options: DestroyOptions) -> int:
    """Destroy, print what is left, and give the exit status; raises UserError if not agreed to."""
    start = time.monotonic()
    deployment = _deployment(options.environment, options.provider, wait=0)
    typer.echo(deployment.provider.changing(deployment.settings.account_id))
    typer.echo(f"To be destroyed, in this order: {', '.join(deployment.going)}.")
    if options.confirm is None:
        ask_for_name(options.environment, "destroyed", f"--confirm {options.environment}")
    elif options.confirm != options.environment:
        message = (
            f"--confirm {options.confirm}: not the name {options.environment}; nothing is destroyed"
        )
        raise NotConfirmedError(message)
    status = _end(deployment, "destroyed", deployment.destroy(), start)
    typer.echo(
        f"Not touched: {', '.join(deployment.standing)}. The zone, the certificate and the buckets"
        " with every state\nstand; removing them is a runbook: docs/runbooks/deploy.md."
    )
    return status


def _deployment(environment: str, provider: str | None, wait: float) -> Deployment:
    return Deployment(
        settings=load(environment),
        provider=Provider.chosen(provider, environment, os.environ),
        network=Network.public(),
        lookup=ParentLookup.of_this_machine(),
        patience=Patience(limit=wait * 60),
        tell=typer.echo,
    )


def _end(deployment: Deployment, done: str, status: int, start: float) -> int:
    name = deployment.settings.environment
    if status:
        typer.echo(f"{name}: not {done}; cdktf ended with status {status}, see above", err=True)
        return _FAILED
    typer.echo(f"{name}: {done} in {time.monotonic() - start:.0f} s")
    return 0
