"""Reviews of any size, cheap to make."""

from dataclasses import replace

from hypothesis import strategies as st

from iot_dr.review.impact.review import DeviceChange, Review
from iot_dr.review.read.attribute_diff import ABSENT, AttributeDiff, ShownValue, ValueKind
from iot_dr.review.read.stack_review import ResourceChange, StackReview
from iot_dr.rules.engine import Judgement
from iot_dr.rules.rule import Finding, Verdict
from iot_dr.terraform_json.change import Action
from tests.support.hostile_text import hostile


class Reads:
    """Counts how often the attributes of a change were read."""

    def __init__(self) -> None:
        self.number = 0

    def change(
        self, stack: str, at: int, action: Action, value: str, attributes: int = 1
    ) -> ResourceChange:
        def read() -> tuple[AttributeDiff, ...]:
            self.number += 1
            diff = AttributeDiff(
                path="name", before=ABSENT, after=ShownValue(ValueKind.VALUE, value)
            )
            return (diff,) * attributes

        return ResourceChange(
            stack=stack,
            region="eu-west-1",
            address=f"aws_iot_thing.t{at}",
            type="aws_iot_thing",
            name=f"t{at}",
            action=action,
            read_diffs=read,
        )


def stack(name: str, changes: tuple[ResourceChange, ...], problem: str = "") -> StackReview:
    return StackReview(
        name=name,
        region="eu-west-1",
        role="primary",
        status="failed" if problem else "planned",
        existed=True,
        changes=changes,
        problem=problem,
    )


def review(*stacks: StackReview, reason: str = "it is so") -> Review:
    return Review(
        environment="dev",
        provider="stand-in",
        base=None,
        verdict=Verdict.BLOCK,
        reason=reason,
        stacks=stacks,
        device_changes=(),
        judgement=Judgement(findings=(), suppressed=()),
        hand_overs=(),
        asymmetric_changes=(),
        recovery=None,
    )


def device_change(
    change: ResourceChange, verdict: Verdict, why: str = "Devices see it."
) -> DeviceChange:
    return DeviceChange(
        verdict=verdict,
        subject="the device name",
        why=why,
        change=change,
        attributes=(),
    )


def finding(verdict: Verdict, message: str) -> Finding:
    return Finding(rule="a-rule", verdict=verdict, stack="s", address="a.b", message=message)


_SIZES = st.sampled_from([0, 0, 0, 1, 1, 1, 2, 2, 3, 10, 40, 400])


def _repeated(text: str, times: int) -> str:
    return text * times


_TEXTS = st.builds(_repeated, hostile.filter(str.strip), st.sampled_from([1, 1, 50, 5_000]))


@st.composite
def any_review(draw: st.DrawFn) -> Review:
    reads = Reads()
    text, action = draw(_TEXTS), draw(st.sampled_from(Action))
    stacks = [
        stack(f"{name}{text[:300]}", tuple(reads.change(text, at, action, text) for at in range(n)))
        for name, n in enumerate(draw(st.lists(_SIZES, max_size=3)))
    ]
    stacks += [stack(f"s{at}", (), text) for at in range(draw(_SIZES))]
    change = reads.change(text, 0, action, text)
    verdicts = [Verdict.BLOCK] * draw(_SIZES) + [Verdict.WARN] * draw(_SIZES)
    drawn_findings = tuple(finding(each, draw(_TEXTS)) for each in verdicts[:3]) * draw(_SIZES)
    return replace(
        review(*stacks, reason=draw(_TEXTS)),
        environment=draw(_TEXTS),
        base=draw(_TEXTS),
        device_changes=tuple(device_change(change, each, text) for each in verdicts),
        judgement=Judgement(findings=drawn_findings, suppressed=()),
        notes=(draw(_TEXTS),) * draw(_SIZES),
    )
