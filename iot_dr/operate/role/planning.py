"""The plans of a change of primary, made in temporary folders."""

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from environments.settings import Settings
from iot_dr.delivery.base import apply_base
from iot_dr.delivery.planning import PlanListeners, PlanRequest, planned
from iot_dr.delivery.session import RunLimits, Session, standin_session
from iot_dr.delivery.stack_plan import StackPlan, StackPlanner
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform.schedule import Done, Outcome
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph


@dataclass(frozen=True, kw_only=True)
class RoleRequest:
    """The settings with the current and the new primary, and how to plan the change."""

    now: Settings
    then: Settings
    provider: Provider
    limits: RunLimits

    @property
    def on_applied(self) -> PlanRequest:
        """The request for plans with the new primary on the applied states; no plan is kept."""
        return PlanRequest(
            settings=self.then,
            provider=self.provider,
            limits=self.limits,
            base=None,
            keep=None,
        )


@contextmanager
def planned_change(
    request: RoleRequest, listeners: PlanListeners
) -> Generator[tuple[Session, Sequence[Outcome[StackPlan]]]]:
    """Plan every stack with the new primary; plans and states exist for the `with` block.

    With the real provider, plans start from the applied states. With the stand-in, the settings
    with the current primary are applied in a sandbox first; if that fails, the outcomes of the
    stacks that were not applied are yielded. Raises what planning raises.
    """
    if request.provider is Provider.AWS:
        with planned(request.on_applied, listeners) as made:
            yield made.session, made.outcomes
        return
    with tempfile.TemporaryDirectory(prefix="iot-dr-role-") as name:
        now, then = Path(name, "now"), Path(name, "then")
        for settings, folder in ((request.now, now), (request.then, then)):
            RUNTIME.get().synthesize([_originals(settings)], folder / "out")
        with standin_session(
            request.now,
            now / "out" / "stacks",
            Path(name, "sandbox"),
            now / "work",
            request.limits,
            scope=Path(name),
        ) as before:
            jobs = request.limits.jobs
            based = apply_base(before, platform_graph(_originals(request.now)), jobs)
            if unapplied := [outcome for outcome in based if not isinstance(outcome, Done)]:
                yield before, unapplied
                return
            after = replace(before, stacks=then / "out" / "stacks", work=then / "work")
            planner = StackPlanner(
                session=after,
                graph=platform_graph(_originals(request.then)),
                jobs=jobs,
                on_phase=listeners.on_phase,
                on_outcome=listeners.on_outcome,
                is_temporary=True,
            )
            yield after, planner.plan(apply=False)


def _originals(settings: Settings) -> Settings:
    """Return settings that read original states: a sandbox has no copies, and its home answers."""
    return settings.model_copy(update={"handover_region": None})
