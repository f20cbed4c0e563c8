"""The stacks that read a changed output of another stack."""

from dataclasses import replace
from typing import Any

from iot_dr.review.impact.plan_review import review
from iot_dr.review.read.plan_source import PlanSource, StackSource
from tests.iot_dr.review.fleet_plan import Json, planned

_READ = "data.terraform_remote_state.zone"


def owner(**outputs: tuple[str, str]) -> Json:
    """Return a plan that changes outputs."""
    masks = {"after_unknown": False, "before_sensitive": False, "after_sensitive": False}
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "resource_changes": [],
        "output_changes": {
            name: {
                "actions": ["no-op" if before == after else "update"],
                "before": before,
                "after": after,
                **masks,
            }
            for name, (before, after) in outputs.items()
        },
        "configuration": {"root_module": {}},
    }


def reader(*references: str, is_changing: bool = True, key: str = "dev/zone.tfstate") -> Json:
    """Return a plan of a stack that reads `zone`'s state, and refers to these parts of it."""
    values = {"zone_id": "Z1", "comment": "x"}
    record = {"mode": "managed", "type": "aws_route53_record", "name": "it"}
    state = {"mode": "data", "type": "terraform_remote_state", "name": "zone"}
    config: Json = {"backend": "s3", "config": {"bucket": "b", "key": key}}
    actions = ["update"] if is_changing else ["no-op"]
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "resource_changes": [
            {
                "address": "aws_route53_record.it",
                **record,
                "change": {
                    "actions": actions,
                    "before": values,
                    "after": values | ({"comment": "y"} if is_changing else {}),
                    "after_unknown": {},
                },
            }
        ],
        "prior_state": {
            "format_version": "1.0",
            "values": {
                "root_module": {"resources": [{"address": _READ, **state, "values": config}]}
            },
        },
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_route53_record.it",
                        **record,
                        "expressions": {"zone_id": {"references": [*references, _READ]}},
                    },
                    {"address": _READ, **state, "expressions": {}},
                ]
            }
        },
    }


def consumers(*stacks: StackSource) -> dict[str, list[tuple[str, str | None, str]]]:
    """Return the readers of each output that changes."""
    zone = planned("zone", owner(zone_id=("Z1", "Z2"), name=("a", "b"), same=("c", "c")))
    source = PlanSource(environment=None, provider=None, base=None, stacks=(*stacks, zone))
    return {
        over.output.name: [(who.stack, who.region, who.status) for who in over.consumers]
        for over in review(source, None).hand_overs
    }


def test_the_stacks_that_read_a_changed_output_are_named_with_their_region() -> None:
    reads = f"{_READ}.outputs.zone_id"
    readers = consumers(
        planned("iot", reader(reads), "eu-west-1"),
        planned("other", reader(reads, is_changing=False), "eu-central-1"),
    )
    assert readers == {
        "zone_id": [("iot", "eu-west-1", "changes"), ("other", "eu-central-1", "unchanged")],
    }


def test_a_state_without_a_named_output_may_be_read_completely() -> None:
    readers = consumers(planned("iot", reader()))
    assert readers == {each: [("iot", None, "changes")] for each in ("name", "zone_id")}


def test_a_reader_of_the_whole_map_reads_every_output() -> None:
    readers = consumers(planned("iot", reader(f"{_READ}.outputs")))
    assert readers == {each: [("iot", None, "changes")] for each in ("name", "zone_id")}


def test_a_reader_of_another_state_reads_none_of_it() -> None:
    readers = consumers(planned("iot", reader(key="dev/else.tfstate")))
    assert readers == {}


def test_a_stack_that_waits_for_the_owner_waits_for_its_outputs() -> None:
    plain: Any = planned("iot", {}, "eu-west-1")
    waiting = replace(plain, status="waiting", content=None, waits_for=("zone",))
    readers = consumers(waiting)
    assert readers["zone_id"] == [("iot", "eu-west-1", "waiting")]


def test_a_stack_that_waits_for_another_stack_is_not_a_consumer() -> None:
    plain: Any = planned("iot", {}, "eu-west-1")
    waiting = replace(plain, status="waiting", content=None, waits_for=("data",))
    assert consumers(waiting) == {}
