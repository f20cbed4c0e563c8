"""The report of `iot-dr deploy` and `iot-dr destroy`, and the steps that remain after a deploy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from iot_dr.cli.outcomes import PlanReport, failures
from iot_dr.cli.status_report import StatusReport
from iot_dr.delivery.deploy.deployment import CdktfResult, Deployment
from iot_dr.delivery.region_change import leave_options
from iot_dr.delivery.region_steps import RegionStep
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.observe.status.endpoint import Handshake
from iot_dr.observe.status.observer import Observer
from iot_dr.observe.status.report import Observations, RegionReport
from iot_dr.observe.status.subscriptions import subscribe_command
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.terraform.schedule import Failed
from iot_dr.terraform_json.provider_choice import Provider


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


def remaining_steps(seen: Observations) -> tuple[str, ...]:
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
    return isinstance(value, UnknownValue)


def _of_region(seen: Observations, region: RegionReport) -> Iterator[str]:
    name, environment = region.region, seen.settings.environment
    endpoint = region.endpoint
    if isinstance(endpoint, Handshake) and endpoint.problem:
        yield (
            f"{name}: {seen.settings.regional_name(name)} is not served yet ({endpoint.problem});"
            f" AWS IoT takes up to 60 minutes. Check: iot-dr status --env {environment}"
        )
    if region.switch == "ALARM":
        yield (
            f"{name}: devices are directed elsewhere until it is switched back:"
            f" iot-dr switch back {name} --env {environment} --reason TEXT"
        )


def _of_topics(seen: Observations) -> Iterator[str]:
    account = seen.settings.account_id
    for topic, subscriptions in seen.subscriptions.items():
        if isinstance(subscriptions, UnknownValue) or subscriptions.confirmed:
            continue
        if subscriptions.pending:
            yield f"{topic.region}: confirm a subscription of {topic.name}: AWS sent an e-mail"
            continue
        yield (
            f"{topic.region}: nobody is subscribed to the alarms of {topic.name}:"
            f" {subscribe_command(topic, account)}"
        )
