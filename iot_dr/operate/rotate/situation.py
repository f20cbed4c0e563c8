"""The situation in which a rotation begins or continues."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from msgspec.json import encode

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.generate.expectation import design_expectation
from iot_dr.observe.status.unknown import UnknownValue
from iot_dr.observe.switch.alarms import NoAlarmError
from iot_dr.observe.switch.rotation import Rotation, RotationRecord
from iot_dr.observe.switch.situation import SwitchSituation
from iot_dr.operate.drain.other_regions import OtherRegions
from iot_dr.operate.rotate.rotation_terraform import PlannedRun
from iot_dr.operate.rotate.runs import CERTIFICATE, DOMAINS
from iot_dr.operate.rotate.serving import ServedView
from iot_dr.rules import stateful_resource_destroyed
from iot_dr.rules.engine import judge
from iot_dr.rules.rule import Finding
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.plan.reader import read_plan
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.strict_json import members

Step = Literal["away", "drain", "replace", "serve", "back"]

STEPS: Final[tuple[Step, ...]] = ("away", "drain", "replace", "serve", "back")
"""The steps of a rotation, in their order."""


@dataclass(frozen=True, kw_only=True)
class RotationSituation:
    """Switch and regions, records, Terraform's plans, and what is served.

    `arn` is that of the certificate in Terraform's state, None if it has none; `standing` are the
    addresses of the resources in the state of the region's own stack.
    """

    settings: Settings
    region: str
    switch: SwitchSituation
    elsewhere: OtherRegions
    records: Mapping[str, RotationRecord | UserError]
    arn: str | None
    standing: frozenset[str]
    plans: tuple[PlannedRun, ...]
    served: ServedView | None
    is_forced: bool = False

    @property
    def own_record(self) -> RotationRecord:
        """The region's own record; empty if it cannot be read, which `refusals` reports."""
        own = self.records[self.region]
        return RotationRecord(0, None) if isinstance(own, UserError) else own

    @property
    def under_way(self) -> Rotation | None:
        """The region's unfinished rotation, if there is one."""
        return self.own_record.under_way

    @property
    def is_replaced(self) -> bool:
        """Whether an unfinished rotation has nothing left for Terraform to do."""
        begun = self.under_way
        if begun is None or self.arn in {None, begun.before}:
            return False
        return self.has_endpoint and not any(each.changes for each in self.plans)

    @property
    def has_endpoint(self) -> bool:
        """Whether the domain configurations exist, so that devices can be connected."""
        created = {
            change.address
            for plan in self.plans
            for change in plan.changes
            if change.action is Action.CREATE
        }
        return created.isdisjoint(DOMAINS) and self.standing.issuperset(DOMAINS)

    @property
    def is_repair(self) -> bool:
        """Whether only the endpoint is recreated (--force), since no alarm region is available."""
        return self.is_forced and self._is_unkept and not self.has_endpoint

    @property
    def _is_unkept(self) -> bool:
        return isinstance(self.records[self.region], UserError)

    @property
    def is_intact(self) -> bool:
        """Whether the region still has its old certificate and domain configurations."""
        begun = self.under_way
        return self.has_endpoint and (begun is None or self.arn == begun.before)

    @property
    def is_served(self) -> bool:
        """Whether both names served the state's certificate in one probe, and no check failed."""
        return self.served is not None and not any(True for _ in self.served.problems())

    @property
    def is_away(self) -> bool | None:
        """Whether the region is switched away; None if the state of its alarm is unknown."""
        return self.switch.outlook.is_away(self.region)

    @property
    def step(self) -> Step:
        """The first step that is not done."""
        if self.is_repair:
            return "replace"
        if self.is_replaced and self.is_served:
            return "back"
        if not self.is_away:
            return "away"
        if self.is_replaced:
            return "serve"
        return "drain" if self.has_endpoint else "replace"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the rule `stateful-resource-destroyed` in the plans."""
        documents = {each.run.stack: each.document for each in self.plans if each.changes}
        plans = {stack: encode(document) for stack, document in documents.items()}
        stacks = ResourceSet(
            read_plan(members(plan, "the plan")).resources(stack) for stack, plan in plans.items()
        )
        rules = (stateful_resource_destroyed.RULE,)
        return judge(
            stacks, design_expectation(self.settings), rules=rules, is_whole=False
        ).findings

    def refusals(self) -> Iterator[str]:
        """Yield the reasons not to continue."""
        if self.is_repair:
            yield from self._about_handover()
            return
        own = self.records[self.region]
        if isinstance(own, UserError):
            yield f"the rotation record of {self.region} cannot be read: {own}"
            if not self.has_endpoint:
                yield (
                    f"{self.region} has no endpoint: --force recreates it, without the record and"
                    " without the switch"
                )
        yield from self._others()
        yield from self._about_switch()
        if not self.is_replaced:
            yield from self._about_replacing()

    def abandon_problem(self) -> str | None:
        """Return why the rotation cannot be abandoned; None if it can."""
        if self.under_way is None:
            return f"{self.region} has no unfinished rotation: nothing to abandon"
        if not self.is_intact:
            return (
                f"{self.region} no longer has its old certificate and domain configurations, so its"
                " rotation can only be finished; run the command without --abandon"
            )
        return None

    def _others(self) -> Iterator[str]:
        for region, noted in self.records.items():
            if region == self.region:
                continue
            if isinstance(noted, UserError):
                if self.under_way is None:
                    yield f"whether {region} is being rotated is unknown: {noted}"
            elif rotation := noted.under_way:
                yield (
                    f"{region} is being rotated, {rotation.line()}; one region at a time: finish"
                    f" it first (iot-dr rotate --region {region} --env"
                    f" {self.settings.environment})"
                )

    def _about_switch(self) -> Iterator[str]:
        if isinstance(self.switch.kept, UserError):
            yield f"the record of the switch of {self.region} cannot be read: {self.switch.kept}"
        problem = self.switch.outlook.switches[self.region]
        if isinstance(problem, NoAlarmError):
            yield str(problem)
        elif isinstance(problem, UserError) and self.under_way is None:
            # Otherwise unknown would count as not away, and the region would be switched back.
            yield f"whether {self.region} is switched away is unknown: {problem}"

    def _about_replacing(self) -> Iterator[str]:
        # Without its endpoint, the region can serve devices again only if the rotation continues.
        if self.has_endpoint and (problem := self.elsewhere.problem(is_forced=self.is_forced)):
            yield problem
        yield from self._about_handover()
        if self.arn is None and self.under_way is None:
            yield (
                f"{CERTIFICATE} of {self.region} is not in a state: deploy the environment first"
                " (iot-dr deploy)"
            )
        elif (
            self.under_way is None and self.served and isinstance(self.served.issued, UnknownValue)
        ):
            yield (
                "whether the new certificate is served could not be checked:"
                f" {self.served.issued.reason}"
            )

    def _about_handover(self) -> Iterator[str]:
        handover, home = self.settings.handover_region, self.settings.home_region
        if self.settings.is_certificate_in_zone(self.region) and handover not in {None, home}:
            yield (
                f"handover_region is {handover}: home's stack would read the new certificate from a"
                " copy that may not have it yet; unset it (HANDOVER_REGION), or wait for home"
            )
