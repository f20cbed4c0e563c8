"""The stacks of a rotation without Terraform: plans and changes are made on a day's state files.

Whole rotations in tests take a tenth of the time so. That Terraform itself does the same is held
by tests/scenarios/test_rotate_command.py.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from environments.settings import Settings
from iot_dr.operate.rotate.rotation_terraform import PlannedRun
from iot_dr.operate.rotate.runs import CERTIFICATE, DOMAINS, RotationStep, certificate_stack
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform_json.change import Action, PlannedAction
from modules.stack_names import stack_name
from tests.support.plan_parts import entry

_ISSUED: Final = "aws_acm_certificate_validation.certificate"
_ORDER: Final = (CERTIFICATE, _ISSUED, *DOMAINS)


def first_arn(region: str) -> str:
    """Return the ARN of the certificate that a region has at first."""
    return f"arn:aws:acm:{region}:111111111111:certificate/{region}"


@dataclass
class StateFile:
    """A stack's state: the ARN of its certificate, or that which is served, by address."""

    file: Path

    def read(self) -> dict[str, str]:
        """Return what is in it."""
        resources = json.loads(self.file.read_bytes())["resources"]
        return {f"{each['type']}.{each['name']}": _arn(each) for each in resources}

    def write(self, arns: Mapping[str, str]) -> None:
        """Write it as Terraform does."""
        resources = [_resource(*each) for each in arns.items()]
        self.file.write_text(json.dumps({"resources": resources}))


def _arn(resource: Mapping[str, Any]) -> str:
    return str(resource["instances"][0]["attributes"]["arn"])


def _resource(address: str, arn: str) -> dict[str, Any]:
    type_, name = address.split(".")
    attributes = {"arn": arn, "server_certificate_arns": [arn]}
    return {"type": type_, "name": name, "instances": [{"attributes": attributes}]}


@dataclass
class States:
    """The states of an environment; `concurrent` is called before each plan and each change."""

    settings: Settings
    folder: Path
    concurrent: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    made: int = 0

    def __post_init__(self) -> None:
        """Write the states of an environment that is deployed."""
        self.folder.mkdir()
        for region in self.settings.regions:
            arn = first_arn(region)
            self.of(self.regional(region)).write({})
            self.of(self.owner(region)).write(dict.fromkeys((CERTIFICATE, _ISSUED), arn))
            regional = self.of(self.regional(region))
            regional.write({**regional.read(), **dict.fromkeys(DOMAINS, arn)})

    def workbench(self, _settings: Settings, _provider: object) -> AbstractContextManager[Any]:
        """Open the stand-in of Terraform on these states."""
        return nullcontext(StateBench(self))

    def of(self, stack: str) -> StateFile:
        """Return a stack's state."""
        return StateFile(self.folder / f"{stack}.tfstate")

    def regional(self, region: str) -> str:
        """Return the stack that serves a region's certificate."""
        return stack_name(self.settings.environment, "iot", region)

    def owner(self, region: str) -> str:
        """Return the stack that has a region's certificate."""
        return certificate_stack(self.settings, region)

    def lose(self, stack: str, *addresses: str) -> None:
        """Take something out of a state, as a run that was cut short."""
        state = self.of(stack)
        state.write({each: arn for each, arn in state.read().items() if each not in addresses})

    def plan(self, run: RotationStep) -> PlannedRun:
        """Plan a run, as far as a rotation knows of it."""
        self.pass_time()
        before = self.of(run.stack).read()
        changes = tuple(self._changes(run, before))
        known = [{**entry(each), "values": {"arn": arn}} for each, arn in before.items()]
        apply = _Apply(self, run, changes, before)
        return PlannedRun(
            run=run,
            changes=changes,
            document={"prior_state": {"values": {"root_module": {"resources": known}}}},
            terraform=cast("Any", apply),
            file=self.folder,
            commands=cast("Any", None),
        )

    def pass_time(self) -> None:
        """Run the concurrent changes."""
        for change in [*self.concurrent]:
            change()

    def wanted(self, stack: str) -> tuple[str, ...]:
        """Return what a stack is to have, in the order in which it is made."""
        region = next((each for each in self.settings.regions if self.regional(each) == stack), "")
        if not region:
            return _ORDER[:2]
        return _ORDER if self.owner(region) == stack else DOMAINS

    def certificate(self, stack: str) -> str | None:
        """Return the certificate that a stack's domain configurations are to serve."""
        home = self.owner(self.settings.home_region)
        owner = stack if CERTIFICATE in self.wanted(stack) else home
        return self.of(owner).read().get(CERTIFICATE)

    def _changes(self, run: RotationStep, before: Mapping[str, str]) -> Iterator[PlannedAction]:
        if "-destroy" in run.options:
            yield from (PlannedAction(each, Action.DESTROY) for each in DOMAINS if each in before)
            return
        is_new = any(each.startswith("-replace") for each in run.options)
        for address in self.wanted(run.stack):
            if address not in before:
                yield PlannedAction(address, Action.CREATE)
            elif before[address] != self.certificate(run.stack) or (
                is_new and CERTIFICATE in self.wanted(run.stack)
            ):
                yield PlannedAction(address, Action.REPLACE)


@dataclass
class _Apply:
    """Carries a plan out, unless it is out of date."""

    states: States
    run: RotationStep
    changes: tuple[PlannedAction, ...]
    before: dict[str, str]

    def apply(self, _file: Path) -> None:
        self.states.pass_time()
        state = self.states.of(self.run.stack)
        if state.read() != self.before:
            raise TerraformError("apply", 1, (), "Saved plan is stale")
        gone = {each.address for each in self.changes}
        now = {each: arn for each, arn in self.before.items() if each not in gone}
        for change in self.changes:
            if change.action is not Action.DESTROY:
                now[change.address] = self._made(change.address, now)
        state.write(now)

    def _made(self, address: str, now: Mapping[str, str]) -> str:
        if address == CERTIFICATE:
            self.states.made += 1
            return first_arn(f"new-{self.states.made}")
        arn = now.get(CERTIFICATE) or self.states.certificate(self.run.stack)
        if arn is None:
            raise TerraformError("apply", 1, (), f"{address}: there is no certificate")
        return arn


@dataclass
class StateBench:
    """Stands in for `RotationTerraform`."""

    states: States

    def certificate(self, stack: str) -> str | None:
        """Return the certificate of a stack's state."""
        return self.states.of(stack).read().get(CERTIFICATE)

    def addresses(self, stack: str) -> frozenset[str]:
        """Return the addresses of what is in a stack's state."""
        return frozenset(self.states.of(stack).read())

    def plan(self, run: RotationStep) -> PlannedRun:
        """Plan a run."""
        return self.states.plan(run)
