"""`iot-dr acceptance`: deploys, fails over and removes an environment in a real account."""

import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from environments.loader import load
from environments.settings import Settings
from iot_dr.acceptance.acceptance import Acceptance
from iot_dr.acceptance.catalogue import STEPS
from iot_dr.acceptance.command import run_command
from iot_dr.acceptance.commands import run as run_on
from iot_dr.acceptance.device import AcceptanceDevice
from iot_dr.acceptance.estimate import Estimate, estimate, probes_estimate
from iot_dr.acceptance.joining import Joiner
from iot_dr.acceptance.journal import ROOT
from iot_dr.acceptance.message import DevicePublisher
from iot_dr.acceptance.probes.catalogue import selected
from iot_dr.acceptance.tools import RunTools, WallClock
from iot_dr.cli.confirmation import confirm_name
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import ConfirmOption, EnvironmentOption, JsonOption
from iot_dr.cli.text import echo
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.deploy.folder import deploy_folder
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.status.network import Network
from iot_dr.terraform.provider_backend import refuse_sandbox
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph

# Longer than the defaults: the run is unattended, and IAM and AWS IoT may be slow.
_ONLY: Final = "only"
"""The folder of single probes below that of the whole run."""
_PATIENT: Final = CallLimits(connect=5, read=20, attempts=5)

Show = Callable[[str], None]
ToolsOf = Callable[[Settings, Path, Show], RunTools]


def acceptance(
    env: EnvironmentOption = "dev",
    provider: Annotated[
        str | None,
        typer.Option(help="Must be aws. Default: the variable PROVIDER.", metavar="NAME"),
    ] = None,
    only: Annotated[
        str,
        typer.Option(
            help="Run single probes instead, by name, with commas: alias,attach.", metavar="NAMES"
        ),
    ] = "",
    confirm: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Deploy to an account, verify failover there, and remove what can be removed.

    Takes about 2 h 45 min, unattended: a plan an hour after the deploy, a message through
    the device name, a switch that keeps its state without data, a failing canary. Shows the steps
    and the cost, and asks for confirmation. An interrupted run continues with the same command. The
    transcript, JSON and HTML, is in .acceptance/ENV. Exit 0 if all steps passed, 1 if one failed, 2
    for a mistake, 130 for Ctrl-C.

    With --only it does not deploy: it runs single probes of what is assumed of AWS, for minutes and
    cents each (`latch`: a day, resumable), and removes what they create.

    Example: iot-dr acceptance --env dev --provider aws
    """
    raise typer.Exit(run(env, provider, confirm, _aws_tools, only=only, as_json=as_json))


def run(  # noqa: PLR0913 - an option each
    environment: str,
    provider: str | None,
    confirm: str | None,
    tools_of: ToolsOf,
    *,
    only: str = "",
    as_json: bool,
) -> int:
    """Show the overview, confirm, run, print; return the exit status.

    Raises UsageError without a real account or for an unknown probe, and NotConfirmedError.
    """
    probes = selected(only) if only else ()
    settings = load(environment)
    if Provider.select(provider, environment, os.environ) is not Provider.AWS:
        raise UsageError(
            "an acceptance run needs a real account: set PROVIDER=aws; without an account, `iot-dr"
            " sandbox up` applies every stack and `iot-dr drill run` rehearses the failover"
        )
    show = partial(echo, err=as_json)
    with deploy_folder(environment, ROOT, "acceptance run") as folder:
        if probes:
            # Next to the journal of a whole run, which continues later.
            (folder / _ONLY).mkdir(exist_ok=True)
            tools = tools_of(settings, folder / _ONLY, show)
            acceptance = Acceptance.opened(tools, probes_estimate(probes), probes)
        else:
            tools = tools_of(settings, folder, show)
            acceptance = Acceptance.opened(tools, _estimate(tools))
        for line in _overview(acceptance):
            show(line)
        will = "probed" if probes else "deployed, failed over and removed"
        confirm_name(environment, will, confirm)
        try:
            passed = acceptance.run()
        finally:
            _close(acceptance, show)
        exit_status = 0 if passed else ExitStatus.FAILED
        if as_json:
            content = json.loads(acceptance.transcript.json())
            print_document("acceptance", content, exit_status, environment)
        return exit_status


def _aws_tools(settings: Settings, folder: Path, show: Show) -> RunTools:
    """Return the tools of a run in a real account."""
    refuse_sandbox(os.environ)
    clients = Clients(settings.deploy_role_arn, _PATIENT)
    return RunTools(
        settings=settings,
        command=run_command,
        clients=clients,
        clock=WallClock(),
        publish=DevicePublisher(settings=settings, network=Network.current()),
        join=Joiner(settings=settings, network=Network.current()),
        device=AcceptanceDevice(settings=settings, clients=clients, folder=folder / "device"),
        folder=folder,
        show=show,
        backend="AWS",
    )


def _estimate(tools: RunTools) -> Estimate:
    out = tools.folder / "out"
    run_on(tools, "synth", "--out", str(out))
    names = [node.name for node in platform_graph(tools.settings).nodes]
    return estimate(out / "stacks", names)


def _overview(acceptance: Acceptance) -> Iterator[str]:
    own = acceptance.tools.settings
    regions = ", ".join(own.failover_order)
    what = "Acceptance run" if acceptance.steps is STEPS else "Probes"
    yield f"{what} of {own.environment} in account {own.account_id}: {regions}."
    if acceptance.journal.resumed and acceptance.next:
        yield f"The interrupted run continues with the step `{acceptance.next.name}`."
    for number, step in enumerate(acceptance.steps, 1):
        mark = " (done)" if acceptance.journal.done(step.name) else ""
        yield f"{number:3d}. {step.action}{mark}"
    if acceptance.steps is not STEPS:
        yield from acceptance.estimate.probe_lines()
        return
    yield from acceptance.estimate.lines()
    yield (
        f"Devices of {own.environment}, if any, move to {own.standbys[0]} and back twice. An"
        " environment that existed before the run is not removed."
    )


def _close(acceptance: Acceptance, show: Show) -> None:
    transcript = acceptance.transcript
    show(f"{acceptance.tools.settings.environment}: {transcript.verdict}")
    for line in acceptance.journal.put_back:
        show(f"After the failure: {line}")
    for line in transcript.remaining:
        show(f"Remaining: {line}")
    # Last: it fails on a full disk, when the lines above are needed most.
    show(f"Transcript: {', '.join(map(str, transcript.write()))}")
