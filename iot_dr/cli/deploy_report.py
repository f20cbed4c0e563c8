"""What came of `deploy` and `destroy`, for people and for machines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from iot_dr.cli import status_text
from iot_dr.cli.failure import failures
from iot_dr.cli.plan_report import PlanReport
from iot_dr.cli.remaining_steps import remaining_steps
from iot_dr.cli.status_report import StatusReport
from iot_dr.delivery.deploy.deployment import Deployment, Ended
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.observe.status.observer import Observer
from iot_dr.terraform.schedule import Failed
from iot_dr.terraform_json.provider_choice import Provider


@dataclass(frozen=True, kw_only=True)
class DeployReport:
    """How a run of cdktf over an environment ended, `done` being what it was to bring about."""

    deployment: Deployment
    ended: Ended
    done: str
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether cdktf and every stack went through."""
        return not self.ended.status and not self._plans.has_failures

    @cached_property
    def standing(self) -> StatusReport | None:
        """How the environment stands after a deploy on AWS that went through."""
        if not self.is_whole or self.done != "deployed" or not self._is_real:
            return None
        deployment = self.deployment
        return StatusReport(Observer.of(deployment.settings, deployment.network).look())

    def text(self) -> str:
        """Return the table that `iot-dr plan` prints, how it ended, and what is left to do."""
        name = self.deployment.settings.environment
        how = f"{self.done} in {self.seconds:.0f} s" if self.is_whole else f"not {self.done}"
        ended = f"{self._plans.table()}\n{name}: {how}"
        if self.standing is None:
            return ended
        steps = "\n".join(remaining_steps(self.standing.seen)) or "Nothing is left to do."
        return f"{ended}\n\n{status_text.text(self.standing)}\n\n{steps}"

    def json(self) -> str:
        """Return the same as JSON; no attribute values are in it."""
        document: dict[str, Any] = json.loads(self._plans.json(self.done))
        if self.standing is not None:
            document["status"] = json.loads(self.standing.json())
            document["remaining_steps"] = remaining_steps(self.standing.seen)
        environment = self.deployment.settings.environment
        return json.dumps({"environment": environment, **document}, indent=2)

    def details(self) -> Iterator[str]:
        """Give Terraform's warnings and errors whole, and cdktf's words where it has none."""
        for stack, warning in self.ended.warnings:
            yield f"{stack}\n{warning}"
        settings, provider = self.deployment.settings, self.deployment.provider
        unlock = partial(unlock_command, settings.environment, provider.value)
        yield from failures(self.ended, self.ended.outcomes, unlock)
        has_error = any(isinstance(outcome, Failed) for outcome in self.ended.outcomes)
        if self.ended.status and not has_error:
            yield f"cdktf ended with status {self.ended.status}:\n{self.ended.last_lines}"

    @property
    def _is_real(self) -> bool:
        return self.deployment.provider is Provider.AWS

    @property
    def _plans(self) -> PlanReport:
        return PlanReport(self.deployment.provider, self.ended.outcomes, self.seconds)
