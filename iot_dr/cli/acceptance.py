"""`iot-dr acceptance`: an environment deployed, failed over and removed in a real account."""

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
from iot_dr.acceptance.device import Device
from iot_dr.acceptance.estimate import Estimate, estimate
from iot_dr.acceptance.journal import ROOT
from iot_dr.acceptance.message import Publisher
from iot_dr.acceptance.tools import Clock, RunTools
from iot_dr.cli.confirmation import confirm_name
from iot_dr.cli.options import ConfirmOption, EnvironmentOption, JsonOption
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.deploy.folder import deploy_folder
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.status.network import Network
from iot_dr.terraform.provider_backend import refuse_sandbox
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph

_FAILED: Final = 1
# Nobody waits for a single call, and IAM and AWS IoT may be slow.
_PATIENT: Final = CallLimits(connect=5, read=20, attempts=5)

Show = Callable[[str], None]
ToolsOf = Callable[[Settings, Path, Show], RunTools]


def acceptance(
    env: EnvironmentOption = "dev",
    provider: Annotated[
        str | None,
        typer.Option(help="aws, and no other; PROVIDER names it too.", metavar="NAME"),
    ] = None,
    confirm: ConfirmOption = None,
    as_json: JsonOption = False,
) -> None:
    """Deploy to an account, verify failover there, and remove what can be removed.

    Some two and a half hours, unattended: a plan an hour after the deploy, a message through the
    device name, a switch that holds without data, a canary that fails. Asks first, and shows what
    it will do and may cost. Stopped, it goes on with the same command. The transcript, JSON and
    HTML, is in .acceptance/ENV. Exit 0 when all of it passed, 1 when a step failed, 2 for a
    mistake, 130 for Ctrl-C.

    Example: iot-dr acceptance --env dev --provider aws
    """
    raise typer.Exit(run(env, provider, confirm, _real_bench, as_json=as_json))


def run(
    environment: str, provider: str | None, confirm: str | None, tools_of: ToolsOf, *, as_json: bool
) -> int:
    """Show, ask, run and print; return the exit status. Raises UserError before anything begins."""
    settings = load(environment)
    if Provider.select(provider, environment, os.environ) is not Provider.AWS:
        raise UsageError(
            "an acceptance run is for a real account: add PROVIDER=aws; without one, `iot-dr"
            " sandbox up` applies every stack and `iot-dr drill run` rehearses the failover"
        )
    show = partial(typer.echo, err=as_json)
    with deploy_folder(environment, ROOT, "acceptance run") as folder:
        tools = tools_of(settings, folder, show)
        acceptance = Acceptance.opened(tools, _estimate(tools))
        for line in _outlook(acceptance):
            show(line)
        confirm_name(environment, "deployed, failed over and removed", confirm)
        try:
            passed = acceptance.run()
        finally:
            _close(acceptance, show)
        if as_json:
            typer.echo(acceptance.transcript.json())
        return 0 if passed else _FAILED


def _real_bench(settings: Settings, folder: Path, show: Show) -> RunTools:
    """Return what a run in a real account works with."""
    refuse_sandbox(os.environ)
    clients = Clients(settings.deploy_role_arn, _PATIENT)
    return RunTools(
        settings=settings,
        command=run_command,
        clients=clients,
        clock=Clock(),
        publish=Publisher(settings=settings, network=Network.current()),
        device=Device(settings=settings, clients=clients, folder=folder / "device"),
        folder=folder,
        show=show,
        where="AWS",
    )


def _estimate(tools: RunTools) -> Estimate:
    out = tools.folder / "out"
    run_on(tools, "synth", "--out", str(out))
    names = [node.name for node in platform_graph(tools.settings).nodes]
    return estimate(out / "stacks", names)


def _outlook(acceptance: Acceptance) -> Iterator[str]:
    own = acceptance.tools.settings
    regions = ", ".join(own.failover_order)
    yield f"Acceptance run of {own.environment} in account {own.account_id}: {regions}."
    if acceptance.journal.resumed and acceptance.next:
        yield f"A run is under way: it goes on with the step `{acceptance.next.name}`."
    for number, step in enumerate(STEPS, 1):
        mark = " (done)" if acceptance.journal.done(step.name) else ""
        yield f"{number:3d}. {step.does}{mark}"
    yield from acceptance.estimate.lines()
    yield (
        f"Devices of {own.environment}, if there are any, are led to {own.standbys[0]} and back"
        " twice. What stood before the run is not removed."
    )


def _close(acceptance: Acceptance, show: Show) -> None:
    transcript = acceptance.transcript
    show(f"{acceptance.tools.settings.environment}: {transcript.verdict}")
    for line in acceptance.journal.put_back:
        show(f"After the failure: {line}")
    for line in transcript.left:
        show(f"Left: {line}")
    # Last: on a full disk people need the lines above all the more.
    show(f"Transcript: {', '.join(map(str, transcript.write()))}")
