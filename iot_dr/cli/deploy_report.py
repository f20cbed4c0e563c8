"""What came of `deploy` and `destroy`, for people and for machines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from iot_dr.cli.failure import failures
from iot_dr.cli.plan_report import PlanReport
from iot_dr.deploy.deployment import Deployment, Ended
from iot_dr.state.lock import unlock_command
from iot_dr.terraform.schedule import Failed


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

    def text(self) -> str:
        """Give the table that `iot-dr plan` prints, and how it ended."""
        name = self.deployment.settings.environment
        told = f"{name}: {self.done} in {self.seconds:.0f} s"
        return f"{self._plans.table()}\n{told if self.is_whole else f'{name}: not {self.done}'}"

    def json(self) -> str:
        """Give the same as JSON; no attribute values are in it."""
        document: dict[str, Any] = json.loads(self._plans.json(self.done))
        environment = self.deployment.settings.environment
        return json.dumps({"environment": environment, **document}, indent=2)

    def details(self) -> Iterator[str]:
        """Give Terraform's warnings and errors whole, and cdktf's words where it has none."""
        for stack, warning in self.ended.warnings:
            yield f"{stack}\n{warning}"
        settings, provider = self.deployment.settings, self.deployment.provider
        unlock = partial(unlock_command, settings.environment, provider.value)
        yield from failures(self.ended, self.ended.outcomes, unlock)
        is_told = any(isinstance(outcome, Failed) for outcome in self.ended.outcomes)
        if self.ended.status and not is_told:
            yield f"cdktf ended with status {self.ended.status}:\n{self.ended.last_lines}"

    @property
    def _plans(self) -> PlanReport:
        return PlanReport(self.deployment.provider, self.ended.outcomes, self.seconds)
