"""An environment in a sandbox that is kept, planned and applied wave by wave, for tests."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from iot_dr.common.output_folder import MANIFEST
from iot_dr.delivery.apply.application import PlanApplication
from iot_dr.delivery.apply.plan_folder import PlanFolder
from iot_dr.delivery.planning import PlanListeners, PlanRequest, WaveRequest, planned
from iot_dr.delivery.session import RunLimits
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.terraform.schedule import Done, Failed, Outcome
from iot_dr.terraform.terraform import LOCK_WAIT
from iot_dr.terraform_json.change import totals
from iot_dr.terraform_json.provider_choice import Provider
from tests.support.settings import settings

LIMITS = RunLimits(jobs=1, timeout=100)
QUIET = PlanListeners(on_phase=lambda _node, _phase: None, on_outcome=lambda _outcome: None)
Manifest = dict[str, Any]


@dataclass(frozen=True)
class WaveWorld:
    """Works in `folder`, which must be the working directory."""

    folder: Path
    lock_wait: timedelta = LOCK_WAIT

    @property
    def sandbox(self) -> Path:
        return self.folder / ".sandbox" / "dev"

    def plan(self, wave: int, **changes: object) -> Path:
        """Plan a wave, and give the folder of its plans."""
        plans = self.folder / f"plans-{wave}-{len(list(self.folder.iterdir()))}"
        with planned(self.request(wave, plans, **changes), QUIET):
            return plans

    def request(self, wave: int, plans: Path | None = None, **changes: object) -> PlanRequest:
        """Return what to plan for a wave, whose plans are kept in a folder."""
        return PlanRequest(
            settings=settings(**changes),
            provider=Provider.STANDIN,
            limits=LIMITS,
            base=None,
            keep=plans,
            wave=WaveRequest(number=wave, sandbox=self.sandbox, lock_wait=self.lock_wait),
        )

    def apply(
        self,
        plans: Path,
        wave: int | None = None,
        provider: Provider = Provider.STANDIN,
        **changes: object,
    ) -> dict[str, str]:
        """Apply plans; return a summary of each stack's outcome."""
        application = PlanApplication(
            settings=settings(**changes),
            provider=provider,
            plans=PlanFolder.read(plans),
            wave=wave,
            limits=LIMITS,
            lock_wait=self.lock_wait,
        )
        with application.applied(QUIET) as (_, outcomes):
            return {outcome.node.name: summary(outcome) for outcome in outcomes}

    def together(self, *waves: int) -> Path:
        """Plan waves on the deployed state, and give one folder with the plans of all."""
        return self.put_together(*map(self.plan, waves))

    def put_together(self, *plans: Path) -> Path:
        """Put the plans of the folders into the last one, which is given."""
        *earlier, last = plans
        stacks: list[Any] = []
        for folder in plans:
            self.edit(folder, lambda manifest: stacks.extend(manifest["stacks"]))
        for folder in earlier:
            for file in folder.glob("iot-*"):
                shutil.copy(file, last)
        self.edit(last, lambda manifest: manifest.update(stacks=stacks))
        return last

    def bring_up(self, *waves: int) -> None:
        """Plan and apply waves, which must go well."""
        for wave in waves:
            for name, done in self.apply(self.plan(wave)).items():
                assert done.startswith("applied"), (name, done)

    def edit(self, plans: Path, change: Callable[[Manifest], None]) -> None:
        """Change a manifest behind the command's back."""
        file = plans / MANIFEST
        manifest = json.loads(file.read_bytes())
        change(manifest)
        file.write_text(json.dumps(manifest), encoding="utf-8")


def summary(outcome: Outcome[StackPlan]) -> str:
    """Return the outcome of a stack in a few words."""
    if isinstance(outcome, Done):
        return f"applied: {totals(outcome.result.changes)}"
    if isinstance(outcome, Failed):
        return f"failed: {outcome.error}"
    return f"waits for {', '.join(outcome.waits_for)}"
