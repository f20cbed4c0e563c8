"""Four changes to a running environment, and its first deployment, as plans to review.

Terraform plans each in a sandbox with the stand-in, against the environment before the change. They
are created once for all test processes, and their made-up values are always the same.
"""

import atexit
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from environments.settings import Settings
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import recovery_inputs
from iot_dr.review.read.plan_source import (
    PlanSource,
    RecoveryChange,
    StackSource,
)
from iot_dr.terraform.schedule import Done
from iot_dr.terraform_json.plan_manifest import Points, RecoveryForecast
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from tests.support.made_once import made_once
from tests.support.sandbox_run import Outcomes, sandbox_run
from tests.support.settings import UNKNOWN_DEVICES, settings

FIRST: Final = "first deployment"
TTL: Final = "ttl"
REGION: Final = "a region added"
LABEL: Final = "label"
PRIMARY: Final = "primary"

SCENARIOS: Final[Mapping[str, Mapping[str, Any]]] = {
    FIRST: {},
    TTL: {"endpoint": {"label": "mqtt", "ttl": 120}},
    REGION: {"regions": ["eu-west-1", "eu-central-1", "eu-north-1"]},
    LABEL: {"endpoint": {"label": "edge"}},
    PRIMARY: {"primary_region": "eu-central-1"},
}
"""The settings that each scenario changes."""

# Values that the stand-in makes up or that depend on the code of functions: a pattern, and its
# replacement.
_MADE_UP: Final = {
    "id": (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "00000000-0000-4000-8000-{:012d}"),
    "zone": (r"Z[0-9A-F]{20}", "Z{:020d}"),
    "role": (r"AROA[0-9A-F]{17}", "AROA{:017d}"),
    "code": (r"standin-code-sha256-[0-9a-f]{8}", "standin-code-sha256-{:08d}"),
    "asset": (r"(?<=/)[0-9A-F]{32}(?=/)", "{:032d}"),
    "hash": (r'(?<=")[A-Za-z0-9+/]{43}=(?=")', "{:043d}="),
}
_ANY: Final = re.compile("|".join(f"(?P<{name}>{like})" for name, (like, _) in _MADE_UP.items()))
_SET: Final = re.compile(r'"child_healthchecks": \["[^\]]*"\]')
# The stacks whose outputs others read; they must be applied first.
_APPLIED: Final = frozenset((REGION, LABEL))


def scenario_settings(name: str) -> Settings:
    """Return the settings of a scenario after its change."""
    return settings(suppressions=[UNKNOWN_DEVICES], **SCENARIOS[name])


@cache
def scenario(name: str) -> PlanSource:
    """Return the plans of a scenario, as `iot-dr plan --base HEAD` would keep them."""
    then, now = scenario_settings(name), None if name == FIRST else settings()
    nodes = {node.name: node for node in platform_graph(then).nodes}
    return PlanSource(
        environment="dev",
        provider="stand-in",
        base="HEAD (1a2b3c4)" if now else None,
        stacks=tuple(_stack(nodes[stack], text) for stack, text in _plans()[name].items()),
        recovery=RecoveryChange(_recovery(now), _recovery(then), then.recovery.rto)
        if now
        else None,
        # None of them has data.
        recovery_point=Points(before=None, after=None, is_compared=now is not None),
    )


@cache
def _plans() -> dict[str, dict[str, str]]:
    """Return the plans of all scenarios, a JSON text for each stack."""
    return made_once("scenarios", lambda: {name: _settled(_outcomes(name)) for name in SCENARIOS})


@cache
def _base() -> tuple[Path, Outcomes]:
    """Deploy the environment before the changes; return its sandbox, and its plans."""
    folder = _scratch()
    with sandbox_run(folder / "sandbox", _made(folder / "scratch")) as run:
        return folder / "sandbox", run.plan(apply=True)


def _outcomes(name: str) -> Outcomes:
    base, outcomes = _base()
    if name == FIRST:
        return outcomes
    folder = _scratch()
    shutil.copytree(base, folder / "sandbox")
    with sandbox_run(folder / "sandbox", _made(folder / "scratch"), **SCENARIOS[name]) as run:
        return run.plan(apply=name in _APPLIED)


def _settled(outcomes: Outcomes) -> dict[str, str]:
    """Number made-up values in the order of their first occurrence.

    Sets of them are in the order of the values, so they are numbered last and sorted by number.
    """
    numbered: dict[str, str] = {}

    def same(match: re.Match[str]) -> str:
        _, form = _MADE_UP[match.lastgroup or ""]
        return numbered.setdefault(match.group(), form.format(len(numbered) + 1))

    settled: dict[str, str] = {}
    for outcome in outcomes.values():
        assert isinstance(outcome, Done), getattr(outcome, "error", outcome)
        settled[outcome.node.name] = json.dumps(outcome.result.document)
    for document in settled.values():
        _ANY.sub(same, _SET.sub("", document))
    return {
        name: _SET.sub(lambda each: _sorted(each[0]), _ANY.sub(same, document))
        for name, document in settled.items()
    }


def _sorted(text: str) -> str:
    """Return the text of a set in Terraform's JSON with its values sorted."""
    key, _, values = text.partition(": ")
    return f"{key}: {json.dumps(sorted(json.loads(values)))}"


def _stack(node: StackNode, text: str) -> StackSource:
    return StackSource(
        name=node.name,
        region=node.region,
        role=node.role,
        status="planned",
        file=None,
        content=text.encode(),
    )


def _recovery(of: Settings) -> RecoveryForecast:
    time = recovery_time(recovery_inputs(of))
    return RecoveryForecast(p50=time.p50, p99=time.p99, bound=time.bound)


def _scratch() -> Path:
    """Return a folder that is deleted at the end of this process."""
    folder = tempfile.TemporaryDirectory(prefix="iot-dr-scenario-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
