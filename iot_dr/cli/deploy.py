"""`iot-dr deploy` and `iot-dr destroy`."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from environments.loader import load
from environments.settings import Settings
from iot_dr.cli.confirmation import ask_for_name, confirm_name, refuse_unconfirmed
from iot_dr.cli.deploy_report import DeployReport
from iot_dr.cli.json_output import print_report
from iot_dr.cli.options import (
    ConfirmOption,
    EnvironmentOption,
    JsonOption,
    ProviderOption,
    UnservedOption,
    YesToChangesOption,
)
from iot_dr.cli.outcomes import StackProgress
from iot_dr.cli.text import echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.user_error import UserError
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.deploy.deployment import Deployment
from iot_dr.delivery.deploy.folder import ROOT
from iot_dr.delivery.region_change import RegionChange, change_of_deploy, refuse_unnamed
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.parent_lookup import ParentLookup
from iot_dr.rules.rule import Verdict
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph

_WAIT_MINUTES: Final = 60.0

Print = Callable[[str], None]


class BlockedReviewError(UserError):
    """The review of a deploy blocks it, and there is no terminal."""


def deploy(  # noqa: PLR0913, PLR0917 - each is an option of the command
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    yes: YesToChangesOption = False,
    confirm: ConfirmOption = None,
    wait: Annotated[
        float,
        typer.Option(
            help="Minutes to wait until the parent zone delegates to the new zone.", min=0
        ),
    ] = _WAIT_MINUTES,
    skip_doctor: Annotated[
        bool, typer.Option("--skip-doctor", help="Do not check the AWS account first.")
    ] = False,
    leave: Annotated[
        list[str] | None,
        typer.Option(
            help="Region to destroy on AWS that the file does not name any more; repeatable.",
            metavar="REGION",
        ),
    ] = None,
    unserved: UnservedOption = None,
    as_json: JsonOption = False,
) -> None:
    """Deploy every stack of an environment with cdktf, in dependency order.

    The full log is .deploy/ENV/deploy.log.

    On AWS it first checks the account as `iot-dr doctor` does, and deploys nothing if it would
    fail. Then it plans and reviews as `iot-dr review` does; if the review blocks, it asks on a
    terminal, and deploys nothing elsewhere. The first real deploy stops after the hosted zone,
    prints the zone's name servers, and continues when public DNS returns them.

    Example: iot-dr deploy --env dev --provider standin
    """
    start, show = time.monotonic(), _printer(as_json)
    settings, chosen = load(env), Provider.select(provider, env, os.environ)
    is_asked = confirm is not None or (chosen is Provider.AWS and not yes)
    if is_asked:
        # Before states are read.
        refuse_unconfirmed(env, "deployed", confirm)
    change = change_of_deploy(settings, chosen, sandbox_folder(env), unserved or ())
    for line in change.lines():
        show(line)
    if chosen is Provider.AWS:
        refuse_unnamed(change, leave or ())
    deployment = _deployment(change, chosen, "deploy", show, wait)
    deployment = replace(deployment, require=partial(_require, deployment, skip_doctor))
    show(deployment.provider.banner_for_changes(deployment.settings.account_id))
    if is_asked:
        confirm_name(env, "deployed", confirm)
    with deployment.log.announced(show):
        ended = deployment.deploy()
        report = DeployReport(
            deployment=deployment,
            ended=ended,
            done="deployed",
            seconds=time.monotonic() - start,
            steps=change.steps,
        )
        status = _printed(report, as_json=as_json)
    raise typer.Exit(status)


def _require(deployment: Deployment, skip_doctor: bool, out: Path) -> None:
    """Check the account, unless skipped, and review what the deploy on AWS would change."""
    if not skip_doctor:
        from iot_dr.cli.doctor import require_account  # noqa: PLC0415 - slow, also for `--help`

        require_account(deployment.settings, deployment.network, deployment.show, out)
    refuse_blocked(deployment.settings, deployment.show, out)


def refuse_blocked(settings: Settings, show: Print, out: Path) -> None:
    """Review the changes on AWS to the stacks in a folder; if the review blocks them, ask.

    Raises BlockedReviewError without a terminal: --yes and --confirm were given before the review,
    and confirm no loss for devices.
    """
    from iot_dr.cli.review import plan_into, planned_review  # noqa: PLC0415 - as above

    make_plans = partial(plan_into, settings=settings, provider=Provider.AWS, synthesized=out)
    with planned_review(settings, Provider.AWS, None, make_plans) as review:
        verdict, reason = review.verdict, review.reason
    show(f"Review: {verdict.value}: {reason}")
    if verdict is not Verdict.BLOCK:
        return
    name = settings.environment
    if not sys.stdin.isatty():
        message = (
            f"{name}: nothing is deployed, since the review blocks it: iot-dr review --env {name}"
            " --provider aws shows all of it. Accept a rule's finding under suppressions in the"
            " settings, or run the command on a terminal, where it asks"
        )
        raise BlockedReviewError(message)
    ask_for_name(name, "deployed although the review blocks it", "")


def destroy(
    env: EnvironmentOption = "dev",
    provider: ProviderOption = None,
    confirm: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Destroy the entry point and the regional stacks; keep zone, data and states.

    The full log is .deploy/ENV/destroy.log.

    Example: iot-dr destroy --env dev --confirm dev
    """
    start, show = time.monotonic(), _printer(as_json)
    change = RegionChange(settings=load(env), steps=())
    deployment = _deployment(change, Provider.select(provider, env, os.environ), "destroy", show)
    show(deployment.provider.banner_for_changes(deployment.settings.account_id))
    names = [node.name for node in deployment.removable_stacks]
    show(f"To be destroyed, in this order: {', '.join(names)}.")
    confirm_name(env, "destroyed", confirm)
    with deployment.log.announced(show):
        ended = deployment.destroy()
        seconds = time.monotonic() - start
        report = DeployReport(deployment=deployment, ended=ended, done="destroyed", seconds=seconds)
        status = _printed(report, as_json=as_json)
        removal = f"`iot-dr sandbox down --env {env}` removes"
        if deployment.provider is Provider.AWS:
            removal = "docs/runbooks/deploy.md says how to remove"
        show(
            f"Not destroyed: {', '.join(deployment.kept_stacks)}. The zone, the certificate and the"
            f" buckets with every state remain; {removal} them."
        )
    raise typer.Exit(status)


def _printer(as_json: bool) -> Print:
    # With --json, standard output contains the document only.
    return partial(echo, err=as_json)


def _deployment(
    change: RegionChange, provider: Provider, command: str, show: Print, wait: float = 0
) -> Deployment:
    settings, network = change.settings, Network.current()
    return Deployment(
        settings=settings,
        provider=provider,
        network=network,
        lookup=ParentLookup(network=network),
        patience=PollLimits(limit=wait * 60),
        show=show,
        log=RunLog(Path(ROOT, settings.environment, f"{command}.log")),
        progress=StackProgress(platform_graph(settings).nodes),
        step=change.steps[0] if change.steps else None,
    )


def _printed(report: DeployReport, *, as_json: bool) -> int:
    exit_status = 0 if report.is_whole else ExitStatus.FAILED
    environment = report.deployment.settings.environment
    print_report(report.command, report, exit_status, environment, as_json=as_json)
    for detail in report.details():
        echo(f"\n{detail}", err=True)
    return exit_status
