"""Plans kept in a folder, with a manifest that describes them."""

import json
import zipfile
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from environments.settings import Settings
from iot_dr.common.full_disk import reason
from iot_dr.common.output_folder import MANIFEST
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.delivery.base import BaseCommit
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import recovery_inputs, recovery_point
from iot_dr.terraform.schedule import Done, Failed, Outcome, Waiting
from iot_dr.terraform_json import plan_manifest
from iot_dr.terraform_json.plan_manifest import (
    ManifestError,
    PlanManifest,
    PlannedStack,
    Point,
    Points,
    RecoveryForecast,
    RecoveryTimes,
    StateVersion,
    sha256,
)
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves

_PRIVATE: Final = 0o600
# A plan file is a zip that contains the state it was made on: hashicorp/terraform,
# `internal/plans/planfile`.
_STATE: Final = "tfstate"


class PlansNotWrittenError(UserError):
    """The plans cannot be written to their folder; the message names it."""


@dataclass(frozen=True, slots=True)
class PlanProvenance:
    """The provenance of plans: settings, provider, wave and base.

    `partially_applied` names stacks that an earlier apply has left partially applied; `blocked_by`
    maps a stack to the partially applied stack that has to be applied before it.
    """

    settings: Settings
    provider: Provider
    wave: int | None
    base: BaseCommit | None
    partially_applied: Collection[str] = ()
    blocked_by: Mapping[str, str] = field(default_factory=dict[str, str])


def write_plans(
    folder: Path, provenance: PlanProvenance, outcomes: Sequence[Outcome[StackPlan]]
) -> None:
    """Write `{stack}.tfplan` and `{stack}.json` of each plan, and the manifest last.

    All files are readable by their owner only: plans contain sensitive values in clear. An existing
    manifest is removed first, then the plans that it names, so that a manifest never describes
    other plans. Raises PlansNotWrittenError if the folder cannot be written.
    """
    with _written_into(folder):
        _remove_former(folder)
    waves, base = RolloutWaves(platform_graph(provenance.settings)).numbers, provenance.base
    manifest = PlanManifest(
        format=1,
        environment=provenance.settings.environment,
        provider=provenance.provider.value,
        wave=provenance.wave,
        base=plan_manifest.BaseRevision(base.ref, base.commit) if base else None,
        stacks=tuple(
            _kept(folder, outcome, waves[outcome.node.name], provenance) for outcome in outcomes
        ),
        dropped=tuple(node.name for node in base.dropped(provenance.settings)) if base else (),
        recovery=_recovery_times(provenance.settings, base),
        recovery_point=_points(provenance.settings, base),
    )
    _write(folder / MANIFEST, manifest.encoded())


def _remove_former(folder: Path) -> None:
    try:
        former = PlanManifest.read(folder)
    except ManifestError:
        # Written by another version or program: only the manifest is removed.
        former = None
    (folder / MANIFEST).unlink(missing_ok=True)
    for stack in former.stacks if former else ():
        for ending in ("tfplan", "json"):
            (folder / f"{stack.name}.{ending}").unlink(missing_ok=True)


def _kept(
    folder: Path, outcome: Outcome[StackPlan], wave: int, provenance: PlanProvenance
) -> PlannedStack:
    node, state = outcome.node, None
    hashes: dict[str, str] = {}
    if isinstance(outcome, Done):
        plan, document = outcome.result.file.read_bytes(), json.dumps(outcome.result.document)
        _write(folder / f"{node.name}.tfplan", plan)
        _write(folder / f"{node.name}.json", document.encode())
        hashes = {"plan_sha256": sha256(plan), "json_sha256": sha256(document.encode())}
        state = _state(outcome.result.file)
    return PlannedStack(
        name=node.name,
        what=node.what,
        region=node.region,
        role=node.role,
        wave=wave,
        status=_status(outcome),
        waits_for=outcome.waits_for if isinstance(outcome, Waiting) else (),
        error=str(outcome.error) if isinstance(outcome, Failed) else "",
        state=state,
        was_left=node.name in provenance.partially_applied,
        ahead=provenance.blocked_by.get(node.name),
        **hashes,
    )


def _state(plan: Path) -> StateVersion:
    with zipfile.ZipFile(plan) as archive:
        return StateVersion.read(archive.read(_STATE))


def _status(outcome: Outcome[StackPlan]) -> plan_manifest.Status:
    if isinstance(outcome, Done):
        return "planned"
    return "failed" if isinstance(outcome, Failed) else "waiting"


def _recovery_times(settings: Settings, base: BaseCommit | None) -> RecoveryTimes:
    before = base.settings if base else None
    return RecoveryTimes(
        before=_recovery(before) if before else None,
        after=_recovery(settings),
        target=settings.recovery.rto,
    )


def _recovery(settings: Settings) -> RecoveryForecast:
    time = recovery_time(recovery_inputs(settings))
    return RecoveryForecast(p50=time.p50, p99=time.p99, bound=time.bound)


def _points(settings: Settings, base: BaseCommit | None) -> Points:
    before = base.settings if base else None
    return Points(
        before=_point(before) if before else None,
        after=_point(settings),
        is_compared=before is not None,
    )


def _point(settings: Settings) -> Point | None:
    point = recovery_point(settings)
    if point is None:
        return None
    return Point(
        states=point.typical_states,
        unnoticed=point.backlog.maximum,
        registry=point.missed.maximum,
        stream=point.stream.maximum,
        restore=point.restore.maximum,
    )


def _write(path: Path, content: bytes) -> None:
    with _written_into(path.parent), whole_file(path, _PRIVATE) as file:
        file.write(content)


@contextmanager
def _written_into(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        message = f"{plain(str(folder))}: the plans cannot be kept: {reason(error)}"
        raise PlansNotWrittenError(message) from None
