"""A small platform of hand-written stacks, walked as `iot-dr` walks an environment's."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iot_dr.cli.outcomes import failures
from iot_dr.delivery.session import RunLimits, standin_session
from iot_dr.delivery.stack_plan import Phase, StackPlan, StackPlanner
from iot_dr.terraform.schedule import Outcome
from iot_dr.terraform.standin.cache import SchemaCache
from stacks.graph import StackGraph, StackNode
from tests.support.settings import settings

REGION = "eu-west-1"
SETTINGS = settings()
BUCKET = SETTINGS.state_bucket(REGION)

OnPhase = Callable[[StackNode, Phase], None]


@dataclass
class Ran:
    """The outcomes of a walk, keyed by stack, and the messages of its failures."""

    outcomes: dict[str, Outcome[StackPlan]]
    messages: str


@dataclass
class Platform:
    """Stacks in a folder, the sandbox next to them, and walks through them."""

    folder: Path
    nodes: list[StackNode] = field(default_factory=list[StackNode])
    _walks: int = 0

    @property
    def sandbox(self) -> Path:
        """The sandbox's folder."""
        return self.folder / "sandbox"

    def state(self, stack: str) -> Path:
        """The file that holds a stack's state."""
        return self.sandbox / "s3" / BUCKET / "dev" / f"{stack}.tfstate"

    def add(self, name: str, *depends_on: str, **sections: Any) -> None:
        """Write or replace a stack; the sections are added to backend and provider."""
        document = stack_document(name, sections)
        folder = self.folder / "stacks" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cdk.tf.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
        node = StackNode(name=name, what="iot", region=REGION, role=None, depends_on=depends_on)
        self.nodes = [each for each in self.nodes if each.name != name] + [node]

    def walk(
        self,
        *,
        timeout: float | None = 60,
        apply: bool = True,
        is_thrown_away: bool = False,
        on_phase: OnPhase = lambda _node, _phase: None,
    ) -> Ran:
        """Plan every stack, and apply it by default."""
        self._walks += 1
        work = self.folder / f"work-{self._walks}"
        limits = RunLimits(jobs=2, timeout=timeout)
        stacks = self.folder / "stacks"
        with standin_session(SETTINGS, stacks, self.sandbox, work, limits) as session:
            walk = StackPlanner(
                session=session,
                graph=StackGraph(self.nodes),
                jobs=limits.jobs,
                on_phase=on_phase,
                on_outcome=lambda _outcome: None,
                is_temporary=is_thrown_away,
            )
            outcomes = walk.plan(apply=apply)
            messages = "\n\n".join(failures(session, outcomes))
        return Ran({outcome.node.name: outcome for outcome in outcomes}, messages)


def stack_document(name: str, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stack in the shape that cdktf writes; resources are distinguished by their ids."""
    provider = {"alias": "eu_west_1", "region": REGION, "allowed_account_ids": ["111111111111"]}
    backend = {"bucket": BUCKET, "key": f"dev/{name}.tfstate", "region": REGION}
    resources = {
        kind: {
            label: {
                "//": {"metadata": {"path": f"dev/{name}/{label}/resource", "uniqueId": label}},
                **({"provider": "aws.eu_west_1"} if kind.startswith("aws_") else {}),
                **body,
            }
            for label, body in named.items()
        }
        for kind, named in sections.get("resource", {}).items()
    }
    return {
        "terraform": {
            "backend": {"s3": {**backend, "encrypt": True, "use_lockfile": True}},
            "required_providers": {
                "aws": {"source": "aws", "version": SchemaCache.default().version}
            },
        },
        "provider": {"aws": [provider]},
        **sections,
        "resource": resources,
    }
