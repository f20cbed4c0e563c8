"""A review with a value in every field, with normal or with hostile texts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from iot_dr.review.impact.review import (
    AsymmetricChange,
    DeviceChange,
    HandOverChange,
    OutputConsumer,
    Review,
)
from iot_dr.review.read.attribute_diff import (
    ABSENT,
    SENSITIVE,
    UNKNOWN,
    AttributeDiff,
    ShownValue,
    ValueKind,
)
from iot_dr.review.read.plan_source import RecoveryChange
from iot_dr.review.read.stack_review import OutputChange, ResourceChange, StackReview
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Finding, Verdict
from iot_dr.rules.suppression import Suppressed
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.plan_manifest import Point, Points, RecoveryForecast

Text = Callable[[str], str]


def sample_review(text: Text = str) -> Review:
    """Return a review whose texts from plans, settings and Terraform are passed through `text`."""
    return _Sample(text).review()


class _Sample:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.zone = text("iot-dev-hosted-zone")
        self.entry = text("iot-dev-entry-point")
        self.west = text("iot-dev-iot-eu-west-1")
        self.central = text("iot-dev-iot-eu-central-1")
        self.regions = (text("eu-west-1"), text("eu-central-1"))

    def review(self) -> Review:
        text = self.text
        return Review(
            environment=text("dev"),
            provider=text("stand-in"),
            base=text("HEAD (1a2b3c4)"),
            verdict=Verdict.BLOCK,
            reason=text("the plan replaces the zone iot-dev.example.com, forced by name"),
            stacks=self.stacks(),
            device_changes=self.device_changes(),
            judgement=self.judgement(),
            hand_overs=(self.hand_over(),),
            asymmetric_changes=(
                AsymmetricChange(
                    change=text("aws_iot_policy.device: update"),
                    changed_in=self.regions[:1],
                    unchanged_in=self.regions[1:],
                    paths=(text("policy"), text("name")),
                ),
            ),
            recovery=RecoveryChange(
                before=RecoveryForecast(220.4, 323, 473),
                after=RecoveryForecast(340, 443, 713),
                target=360,
            ),
            recovery_point=Points(
                before=Point(
                    states=2, unnoticed=600, registry=86_400, stream=86_400, restore=3_024_000
                ),
                after=Point(
                    states=2, unnoticed=600, registry=43_200, stream=172_800, restore=604_800
                ),
                is_compared=True,
            ),
            notes=(
                text("the stand-in's values are made up"),
                text("2 resources are not judged: `aws_x.y`"),
            ),
        )

    def stacks(self) -> tuple[StackReview, ...]:
        text = self.text
        return (
            self.stack(
                self.zone,
                changes=(self.replaced_zone(), self.forgotten()),
                outputs=(self.zone_id(),),
                drift=(self.drifted(),),
                unchanged=3,
            ),
            self.stack(
                self.west,
                role="primary",
                changes=(self.policy(), self.created(), self.moved(), self.destroyed()),
                unchanged=17,
            ),
            self.stack(
                self.central,
                region=self.regions[1],
                role="standby",
                status="waiting",
                waits_for=(self.zone,),
            ),
            self.stack(
                text("iot-dev-telemetry-eu-west-1"),
                role="primary",
                status="failed",
                problem=text("Error: no such table\n\n  on telemetry.tf line 3:\n  it is gone"),
            ),
            self.stack(self.entry, region=None, changes=(self.record(),)),
            self.stack(text("iot-dev-data"), unchanged=4),
        )

    def stack(self, name: str, **more: Any) -> StackReview:
        usual: dict[str, Any] = {"region": self.regions[0], "role": None, "status": "planned"}
        return StackReview(name=name, existed=True, **{**usual, **more})

    def device_changes(self) -> tuple[DeviceChange, ...]:
        return (
            DeviceChange(
                verdict=Verdict.BLOCK,
                subject=self.text("the zone iot-dev.example.com"),
                why=self.text("Devices find nothing until the parent delegates to the new one."),
                change=self.replaced_zone(),
                attributes=self.replaced_zone().diffs[:1],
                findings=self.judgement().findings[:1],
            ),
            DeviceChange(
                verdict=Verdict.WARN,
                subject=self.text("the device name's PRIMARY record"),
                why=self.text("Resolvers keep the old answer up to 300 s."),
                change=self.record(),
                attributes=self.record().diffs,
            ),
            DeviceChange(
                verdict=Verdict.OK,
                subject=self.text("the IoT policy of devices"),
                why=self.text("Nothing that devices do is newly refused."),
                change=self.policy(),
                attributes=self.policy().diffs,
            ),
        )

    def judgement(self) -> Judgement:
        text = self.text
        result = Finding(
            rule="stateful-resource-destroyed",
            verdict=Verdict.BLOCK,
            stack=self.zone,
            address=text("aws_route53_zone.zone"),
            message=text("is replaced: all its records are lost; keep its name."),
        )
        slow = Finding(
            rule="recovery-over-target",
            verdict=Verdict.WARN,
            stack=None,
            address=None,
            message=text("99 % are back after 443 s, target 360 s (recovery.rto)."),
        )
        odd = Finding(
            rule="device-path-differs",
            verdict=Verdict.BLOCK,
            stack=self.central,
            address=text("aws_iot_policy.device"),
            message=text("is missing in the standby; add it."),
        )
        return Judgement(
            findings=(result, odd, slow),
            suppressed=(
                Suppressed(finding=slow, reason=text("the fleet is small until spring, see #12")),
            ),
        )

    def hand_over(self) -> HandOverChange:
        return HandOverChange(
            output=self.zone_id(),
            consumers=(
                OutputConsumer(self.west, self.regions[0], "changes"),
                OutputConsumer(self.central, self.regions[1], "waiting"),
                OutputConsumer(self.entry, None, "unchanged"),
            ),
        )

    def value(self, text: str) -> ShownValue:
        return ShownValue(ValueKind.VALUE, self.text(text))

    def zone_id(self) -> OutputChange:
        return OutputChange(
            stack=self.zone,
            name=self.text("zone_id"),
            action=Action.UPDATE,
            diff=AttributeDiff(path=self.text("zone_id"), before=self.value('"Z1"'), after=UNKNOWN),
        )

    def change(
        self,
        address: str,
        action: Action | None,
        *diffs: AttributeDiff,
        stack: str | None = None,
    ) -> ResourceChange:
        resource_type, name = address.split(".")
        return ResourceChange(
            stack=stack or self.west,
            region=self.regions[0],
            address=self.text(address),
            type=self.text(resource_type),
            name=self.text(name),
            action=action,
            forced_by=tuple(each.path for each in diffs if each.forces),
            reason=self.text("it is not in the configuration") if action is Action.DESTROY else "",
            read_diffs=lambda: diffs,
        )

    def replaced_zone(self) -> ResourceChange:
        text = self.text
        return self.change(
            "aws_route53_zone.zone",
            Action.REPLACE,
            AttributeDiff(
                path=text("name"),
                before=self.value('"iot-dev.example.com"'),
                after=self.value('"iot-dev.example.org"'),
                forces=True,
            ),
            AttributeDiff(path=text("zone_id"), before=self.value('"Z1"'), after=UNKNOWN),
            AttributeDiff(path=text("token"), before=SENSITIVE, after=SENSITIVE),
            AttributeDiff(path=text('tags["a: b"]'), before=self.value('"x"'), after=ABSENT),
            stack=self.zone,
        )

    def policy(self) -> ResourceChange:
        text = self.text
        lines = ("@@ -1,3 +1,3 @@", ' "Effect": "Allow",', '-"Action": "*"', '+"Action": "a:B"')
        return self.change(
            "aws_iot_policy.device",
            Action.UPDATE,
            AttributeDiff(
                path=text("policy"),
                before=self.value("JSON"),
                after=self.value("JSON, 2 lines differ"),
                lines=tuple(each[:1] + text(each[1:]) for each in lines),
            ),
        )

    def created(self) -> ResourceChange:
        return self.change(
            "aws_iot_thing.new",
            Action.CREATE,
            AttributeDiff(path=self.text("arn"), before=ABSENT, after=UNKNOWN),
            AttributeDiff(path=self.text("name"), before=ABSENT, after=self.value('"new"')),
        )

    def moved(self) -> ResourceChange:
        change = self.change("aws_iot_thing.there", None)
        return replace(change, moved_from=self.text("aws_iot_thing.here"))

    def destroyed(self) -> ResourceChange:
        gone = AttributeDiff(path=self.text("name"), before=self.value('"old"'), after=ABSENT)
        change = self.change("aws_iot_thing.old", Action.DESTROY, gone)
        return replace(change, deposed=self.text("0badc0de"))

    def forgotten(self) -> ResourceChange:
        return self.change("aws_acm_certificate.zone", Action.FORGET, stack=self.zone)

    def drifted(self) -> ResourceChange:
        ttl = self.ttl("300", "5")
        change = self.change("aws_route53_record.ns", Action.UPDATE, ttl, stack=self.zone)
        return replace(change, is_drift=True)

    def record(self) -> ResourceChange:
        address, ttl = "aws_route53_record.device_primary", self.ttl("60", "300")
        change = self.change(address, Action.UPDATE, ttl, stack=self.entry)
        return replace(change, is_imported=True)

    def ttl(self, before: str, after: str) -> AttributeDiff:
        return AttributeDiff(
            path=self.text("ttl"), before=self.value(before), after=self.value(after)
        )
