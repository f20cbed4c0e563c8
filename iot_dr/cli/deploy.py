"""`iot-dr deploy` and `iot-dr destroy`."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from environments.loader import load
from iot_dr.cli.confirmation import confirm_name, refuse_unconfirmed
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import (
    ConfirmOption,
    EnvironmentOption,
    JsonOption,
    ProviderOption,
    YesToChangesOption,
)
from iot_dr.cli.outcomes import PlanReport, StackProgress, failures
from iot_dr.cli.status_report import StatusReport
from iot_dr.cli.text import echo
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.deploy.deployment import CdktfResult, Deployment
from iot_dr.delivery.deploy.folder import ROOT
from iot_dr.delivery.region_change import (
    RegionChange,
    change_of_deploy,
    leave_options,
    refuse_unnamed,
)
from iot_dr.delivery.region_steps import RegionStep
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.observe.status.endpoint import Endpoint
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.observer import Observer
from iot_dr.observe.status.parent_lookup import ParentLookup
from iot_dr.observe.status.report import RegionReport, Report
from iot_dr.observe.status.subscriptions import subscribe_command
from iot_dr.observe.status.unknown import Unknown
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.schedule import Failed
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph

_FAILED: Final = 1
_WAIT_MINUTES: Final = 60.0

Print = Callable[[str], None]


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
    as_json: JsonOption = False,
) -> None:
    """Deploy every stack of an environment with cdktf, in dependency order.

    The full log is .deploy/ENV/deploy.log.

    On AWS it first checks the account as `iot-dr doctor` does, and deploys nothing if it would
    fail. The first real deploy stops after the hosted zone, prints the zone's name servers, and
    continues when public DNS returns them.

    Example: iot-dr deploy --env dev --provider standin
    """
    start, show = time.monotonic(), _printer(as_json)
    settings, chosen = load(env), Provider.select(provider, env, os.environ)
    is_asked = confirm is not None or (chosen is Provider.AWS and not yes)
    if is_asked:
        # Before states are read.
        refuse_unconfirmed(env, "deployed", confirm)
    change = change_of_deploy(settings, chosen, sandbox_folder(env))
    for line in change.lines():
        show(line)
    if chosen is Provider.AWS:
        refuse_unnamed(change, leave or ())
    deployment = _deployment(change, chosen, "deploy", show, wait)
    if not skip_doctor:
        from iot_dr.cli.doctor import require_account  # noqa: PLC0415 - slow, also for `--help`

        required = partial(require_account, deployment.settings, deployment.network, show)
        deployment = replace(deployment, require=required)
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


def _printed(report: "DeployReport", *, as_json: bool) -> int:
    exit_status = 0 if report.is_whole else _FAILED
    if as_json:
        document = report.document()
        print_document(report.command, document, exit_status, document["environment"])
    else:
        echo(report.text())
    for detail in report.details():
        echo(f"\n{detail}", err=True)
    return exit_status


@dataclass(frozen=True, kw_only=True)
class DeployReport:
    """The end of a run of cdktf; `done` is `deployed` or `destroyed`.

    `steps` are those of a change of regions, of which the run is the first.
    """

    deployment: Deployment
    ended: CdktfResult
    done: str
    seconds: float
    steps: Sequence[RegionStep] = ()

    @property
    def is_whole(self) -> bool:
        """Whether cdktf and every stack succeeded."""
        return not self.ended.status and not self._plans.has_failures

    @cached_property
    def status(self) -> StatusReport | None:
        """The status of the environment after a successful deploy on AWS, else None."""
        if not self.is_whole or self.done != "deployed" or not self._is_real:
            return None
        deployment = self.deployment
        return StatusReport(Observer.of(deployment.settings, deployment.network).observe())

    @property
    def command(self) -> str:
        """The command that was run."""
        return "deploy" if self.done == "deployed" else "destroy"

    def text(self) -> str:
        """Return the table of `iot-dr plan`, how the run ended, and the remaining steps."""
        name = self.deployment.settings.environment
        how = f"{self.done} in {self.seconds:.0f} s" if self.is_whole else f"not {self.done}"
        ended = f"{self._plans.table()}\n{name}: {how}"
        if self.is_whole:
            ended += "".join(self._next(step) for step in self.steps[1:2])
        if self.status is None:
            return ended
        steps = "\n".join(remaining_steps(self.status.seen)) or "No steps remain."
        return f"{ended}\n\n{self.status.text()}\n\n{steps}"

    def document(self) -> dict[str, Any]:
        """Return the same as JSON values; no attribute values are in it."""
        document = self._plans.document(self.done)
        if self.status is not None:
            document["status"] = self.status.document()
            document["remaining_steps"] = list(remaining_steps(self.status.seen))
        environment = self.deployment.settings.environment
        return {"environment": environment, **document}

    def details(self) -> Iterator[str]:
        """Return Terraform's warnings and errors; without an error, why cdktf failed."""
        for stack, warning in self.ended.warnings:
            yield f"{stack}\n{warning}"
        settings, provider = self.deployment.settings, self.deployment.provider
        unlock = partial(unlock_command, settings.environment, provider.value)
        yield from failures(self.ended, self.ended.outcomes, unlock)
        has_error = any(isinstance(outcome, Failed) for outcome in self.ended.outcomes)
        if self.ended.status and not has_error:
            yield f"cdktf ended with status {self.ended.status}:\n{self.ended.last_lines}"

    def _next(self, step: RegionStep) -> str:
        options = leave_options(step) if self._is_real else ""
        command = f"the same command with {options}" if options else "the same command"
        return f"\nNext, by {command}: {step}"

    @property
    def _is_real(self) -> bool:
        return self.deployment.provider is Provider.AWS

    @property
    def _plans(self) -> PlanReport:
        outcomes = self.ended.outcomes
        provider = self.deployment.provider
        return PlanReport(provider, outcomes, self.seconds, steps=tuple(map(str, self.steps)))


def remaining_steps(seen: Report) -> tuple[str, ...]:
    """Return a sentence with a command for each step, and one for what could not be checked.

    The result is empty if nothing remains. A new domain configuration is served within 60 minutes:
    docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html.
    """
    steps = [step for region in seen.regions for step in _of_region(seen, region)]
    steps += _of_topics(seen)
    unknown = [
        *(f"what {each.region} serves" for each in seen.regions if _is_unknown(each.endpoint)),
        *(f"the switch of {each.region}" for each in seen.regions if _is_unknown(each.switch)),
        *(
            f"who is subscribed to {topic.name} in {topic.region}"
            for topic, subscriptions in seen.subscriptions.items()
            if _is_unknown(subscriptions)
        ),
    ]
    if unknown:
        steps.append(f"Not checked, for the reasons above: {', '.join(unknown)}.")
    return tuple(steps)


def _is_unknown(value: object) -> bool:
    return isinstance(value, Unknown)


def _of_region(seen: Report, region: RegionReport) -> Iterator[str]:
    name, environment = region.region, seen.settings.environment
    endpoint = region.endpoint
    if isinstance(endpoint, Endpoint) and endpoint.problem:
        yield (
            f"{name}: {seen.settings.regional_name(name)} is not served yet ({endpoint.problem});"
            f" AWS IoT takes up to 60 minutes. Check: iot-dr status --env {environment}"
        )
    if region.switch == "ALARM":
        yield (
            f"{name}: devices are directed elsewhere until it is switched back:"
            f" iot-dr switch back {name} --env {environment} --reason TEXT"
        )


def _of_topics(seen: Report) -> Iterator[str]:
    account = seen.settings.account_id
    for topic, subscriptions in seen.subscriptions.items():
        if isinstance(subscriptions, Unknown) or subscriptions.confirmed:
            continue
        if subscriptions.pending:
            yield f"{topic.region}: confirm a subscription of {topic.name}: AWS sent an e-mail"
            continue
        yield (
            f"{topic.region}: nobody is subscribed to the alarms of {topic.name}:"
            f" {subscribe_command(topic, account)}"
        )
