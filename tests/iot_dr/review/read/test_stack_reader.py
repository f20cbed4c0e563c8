"""What the review reads of a stack's plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from iot_dr.review.read.attribute_diff import SENSITIVE, UNKNOWN
from iot_dr.review.read.plan_source import StackSource
from iot_dr.review.read.stack_reader import LoadedStack
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.review.read_one import read_one
from tests.iot_dr.review.real_plan import OLD_SECRET, SECRET, real_plan
from tests.support.plan_parts import create, destroy, document, entry, update


def read_entries(*changes: Any, **parts: Any) -> LoadedStack:
    """Read a plan of these changes."""
    content = json.dumps(document(resource_changes=list(changes), **parts)).encode()
    return read_one(source(content))


def source(content: bytes, **known: Any) -> StackSource:
    given: dict[str, Any] = {"region": None, "role": None, "status": "planned", **known}
    return StackSource(name="iot", file=None, content=content, **given)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> LoadedStack:
    """A plan made by Terraform."""
    file = real_plan(tmp_path_factory.mktemp("real") / "iot")
    return read_one(StackSource(name="iot", region=None, role=None, status="planned", file=file))


def changes_of(real: LoadedStack, name: str) -> ResourceChange:
    (change,) = [each for each in real.review.changes if each.address == f"terraform_data.{name}"]
    return change


@pytest.mark.parametrize(
    ("name", "action", "why"),
    [
        ("created", Action.CREATE, ""),
        ("updated", Action.UPDATE, ""),
        ("replaced", Action.REPLACE, "it cannot be changed in place"),
        (
            "made_first",
            Action.REPLACE,
            "it cannot be changed in place; the replacement is created first",
        ),
        ("destroyed", Action.DESTROY, "its block is no longer in the configuration"),
        ("forgotten", Action.FORGET, "its block is no longer in the configuration"),
        ('each["d"]', Action.CREATE, ""),
        ('each["b.c"]', Action.DESTROY, "its key is no longer in for_each"),
        ("new_name", None, ""),
        ("changed_and_new", Action.UPDATE, ""),
        ("imported", None, ""),
    ],
)
def test_actions_are_reported_as_planned(
    real: LoadedStack, name: str, action: Action | None, why: str
) -> None:
    change = changes_of(real, name)
    assert (change.action, change.reason) == (action, why)
    assert (change.type, change.stack) == ("terraform_data", "iot")


def test_moves_and_imports_are_reported_with_the_action(real: LoadedStack) -> None:
    assert changes_of(real, "new_name").moved_from == "terraform_data.old_name"
    assert changes_of(real, "new_name").diffs == ()
    assert changes_of(real, "changed_and_new").moved_from == "terraform_data.changed_and_old"
    assert changes_of(real, "imported").is_imported
    counts = real.review.counts
    assert (counts.moves, counts.imports, counts.actions[Action.REPLACE]) == (2, 1, 2)


def test_unchanged_resources_are_only_counted(real: LoadedStack) -> None:
    assert real.review.unchanged == 2
    assert real.review.existed
    assert real.review.status == "planned"
    assert [each.name for each in real.review.outputs] == []


def test_the_attribute_that_forces_a_replacement_is_marked(real: LoadedStack) -> None:
    change = changes_of(real, "replaced")
    assert change.forced_by == ("triggers_replace",)
    forcing = [each for each in change.diffs if each.forces]
    assert [(each.path, each.before.text, each.after.text) for each in forcing] == [
        ("triggers_replace[0]", "1", "2")
    ]


def test_an_update_has_changed_and_unknown_attributes(real: LoadedStack) -> None:
    diffs = changes_of(real, "updated").diffs
    assert [(each.path, each.before.text, each.after.text) for each in diffs] == [
        ("input.names[1]", "", '"c"'),
        ("input.ttl", "60", "300"),
        ("output", '{"names":["a","b"],"note":"stays","ttl":60}', UNKNOWN.text),
    ]  # fmt: skip


def test_a_sensitive_difference_hides_only_its_value(
    real: LoadedStack,
) -> None:
    user, password = (
        next(each for each in changes_of(real, "secret").diffs if each.path == f"input.{name}")
        for name in ("user", "password")
    )
    assert (user.before.text, user.after.text) == ('"admin"', '"root"')
    assert (password.before, password.after) == (SENSITIVE, SENSITIVE)
    everything = repr([(each, each.diffs) for each in real.review.changes]) + repr(real.review)
    assert SECRET not in everything
    assert OLD_SECRET not in everything
    assert real.secrets.hidden(f"{SECRET} {OLD_SECRET}") == "(sensitive) (sensitive)"


def test_the_rules_get_the_same_resources(real: LoadedStack) -> None:
    assert real.resources is not None
    by_address = {each.address: each for each in real.resources.resources}
    assert by_address["terraform_data.updated"].values["input"]["ttl"] == 300
    destroyed = by_address["terraform_data.destroyed"]
    assert not destroyed.exists
    assert destroyed.values["input"] == {"name": "gone"}
    assert "terraform_data.gone" not in by_address
    assert list(ResourceSet([real.resources]).of_type("terraform_data"))


def test_a_read_data_source_is_not_a_change() -> None:
    data: Any = create("data.aws_x.y", {"a": "b"}) | {"mode": "data"}
    data["change"]["actions"] = ["read"]
    read_ = read_entries(data)
    assert read_.review.changes == ()
    assert read_.review.unchanged == 0
    assert read_.resources is not None
    assert [each.mode for each in read_.resources.resources] == ["data"]


def test_a_deposed_object_is_a_change_but_not_a_resource() -> None:
    deposed_destroy = {**destroy("aws_x.y", {"a": "b"}, {}), "deposed": "1a2b3c4d"}
    read_ = read_entries(deposed_destroy)
    assert [each.deposed for each in read_.review.changes] == ["1a2b3c4d"]
    assert read_.resources is not None
    assert read_.resources.resources == ()


def test_create_and_forget_is_a_replacement() -> None:
    change = update("aws_x.y", {"a": 1}, {"a": 2})
    change["change"]["actions"] = ["create", "forget"]
    (read_,) = read_entries(change).review.changes
    assert read_.action is Action.REPLACE
    assert read_.reason == "the old one stays in AWS and is removed from the state"


def test_drift_is_separate_from_changes() -> None:
    drift = [update("aws_x.y", {"a": 1}, {"a": 2}), destroy("aws_x.z", {"a": 1}, {})]
    review = read_entries(resource_drift=drift).review
    assert review.changes == ()
    assert [(each.address, each.action, each.is_drift) for each in review.drift] == [
        ("aws_x.y", Action.UPDATE, True),
        ("aws_x.z", Action.DESTROY, True),
    ]
    assert [each.path for each in review.drift[0].diffs] == ["a"]


def test_a_nested_output_is_one_difference() -> None:
    changes = {
        "b": {"actions": ["update"], "before": {"x": [1]}, "after": {"x": [2], "y": 3}},
        "a": {"actions": ["create"], "before": None, "after": None, "after_unknown": True},
        "c": {"actions": ["update"], "before": "1", "after": {}, "after_unknown": {"z": True}},
        "d": {"actions": ["no-op"], "before": "1", "after": "1"},
        "e": {"actions": ["delete"], "before": "1", "after": None},
    }
    first, second, third, last = read_entries(output_changes=changes).review.outputs
    assert (first.name, first.action, first.diff.after) == ("a", Action.CREATE, UNKNOWN)
    changed = {line for line in second.diff.lines if line[0] in "+-"}
    assert {"-    1", "+    2", '+  "y": 3'} <= changed
    assert '+  "z": "(known after apply)"' in third.diff.lines
    assert (last.name, last.action, last.diff.before.text) == ("e", Action.DESTROY, '"1"')


@pytest.mark.parametrize(
    ("parts", "status", "problem"),
    [
        ({"errored": True, "complete": False}, "failed", "ended with an error"),
        ({"complete": False}, "incomplete", "the plan is incomplete"),
        ({"complete": True}, "planned", ""),
        ({}, "planned", ""),
        (
            {
                "deferred_changes": [
                    {"reason": "provider_config_unknown", "resource_change": entry("aws_x.later")}
                ]
            },
            "incomplete",
            "defers these changes until this plan is applied: aws_x.later (their provider's",
        ),
        (
            {"deferred_action_invocations": [{"action_invocation": {"address": "action.a.b"}}]},
            "incomplete",
            "defers these actions until this plan is applied: action.a.b",
        ),
    ],
)
def test_an_incomplete_plan_is_marked_and_shown(
    parts: dict[str, Any], status: str, problem: str
) -> None:
    review = read_entries(create("aws_x.y", {"a": "b"}), **parts).review
    assert review.status == status
    assert problem in review.problem
    assert bool(problem) == bool(review.problem)
    assert [each.address for each in review.changes] == ["aws_x.y"]


@pytest.mark.parametrize("is_there", [False, True])
def test_a_plan_without_complete_is_noted(
    is_there: bool,
) -> None:
    plan = document(resource_changes=[create("aws_x.y", {"a": "b"})], complete=None)
    if not is_there:
        del plan["complete"]
    read_ = read_one(source(json.dumps(plan).encode()))
    (note,) = read_.notes
    assert note.startswith("iot: Terraform before 1.8 and OpenTofu do not record whether")
    assert (read_.review.status, read_.review.warnings) == ("planned", ())


@pytest.mark.parametrize("complete", [True, False])
def test_a_complete_plan_has_no_note(complete: bool) -> None:
    assert read_entries(create("aws_x.y", {"a": "b"}), complete=complete).notes == ()


def test_a_stack_without_a_plan_has_a_problem() -> None:
    waiting = StackSource(
        name="iot", region="r", role="standby", status="waiting", file=None, waits_for=("zone",)
    )
    review = read_one(waiting).review
    assert (review.status, review.waits_for, review.region) == ("waiting", ("zone",), "r")
    assert read_one(waiting).resources is None


def test_invoked_actions_are_a_warning_and_a_note() -> None:
    read_ = read_entries(
        action_invocations=[{"address": "action.aws_lambda_invoke.x"}], complete=True
    )
    warning = (
        "the plan also invokes provider actions, which are not reviewed: action.aws_lambda_invoke.x"
    )
    assert read_.review.warnings == (warning,)
    assert read_.notes == (f"iot: {warning}",)
    assert read_.review.status == "planned"


def test_failed_conditions_are_warnings() -> None:
    instances = [{"problems": [{"message": "it does not resolve"}, {"message": ""}]}, {}]
    checks = [
        {"address": {"to_display": "check.a"}, "status": "fail", "instances": instances},
        {"address": {"to_display": "check.b"}, "status": "error", "instances": None},
        {"address": {"to_display": "check.c"}, "status": "pass", "instances": instances},
        {"address": {"to_display": "check.d"}, "status": "unknown"},
    ]
    assert read_entries(checks=checks).review.warnings == (
        "the condition of check.a failed: it does not resolve",
        "the condition of check.b cannot be evaluated",
    )


@pytest.mark.parametrize(
    ("actions", "actions_text"),
    [
        (["forget", "create"], "forget, create"),
        (["archive"], "archive"),
        (["delete", "create", "forget"], "delete, create, forget"),
        ([], "no action"),
    ],
)
def test_a_plan_with_unknown_actions_is_incomplete(actions: list[str], actions_text: str) -> None:
    change = update("aws_x.y", {"a": 1}, {"a": 2})
    change["change"]["actions"] = actions
    output = {"o": {"actions": actions, "before": 1, "after": 2}}
    places: list[tuple[dict[str, Any], str]] = [
        ({"resource_changes": [change]}, "aws_x.y"),
        ({"resource_drift": [change]}, "aws_x.y"),
        ({"output_changes": output}, "output o"),
    ]
    for parts, subject in places:
        review = read_one(source(json.dumps(document(**parts)).encode())).review
        assert review.status == "incomplete"
        assert (
            f"does not know the actions of these changes: {subject} ({actions_text})"
            in review.problem
        )
        assert review.unchanged == 0


@pytest.mark.parametrize(
    ("change", "existed"),
    [
        (update("aws_x.y", {"a": 1}, {"a": 2}), True),
        (destroy("aws_x.y", {"a": 1}, {}), True),
        (create("aws_x.y", {"a": 1}), False),
        (update("data.aws_x.y", {"a": 1}, {"a": 2}) | {"mode": "data"}, False),
    ],
)
def test_a_stack_existed_if_a_change_has_a_before_value(
    change: dict[str, Any], *, existed: bool
) -> None:
    assert read_entries(change).review.existed is existed


def test_rules_see_stand_ins_for_sensitive_values() -> None:
    marked = update("aws_x.y", {"a": "old", "n": 1}, {"a": "new", "n": 1}, {"a": True}, {"n": True})
    other_entry = {**entry("data.aws_x.z", mode="data"), "type": "aws_x", "name": "z"}
    other_entry |= {
        "values": {"a": "old", "m": {"k-1": True}},
        "sensitive_values": {"a": True, "m": True},
    }
    prior = {"format_version": "1.0", "values": {"root_module": {"resources": [other_entry]}}}
    planned = {"outputs": {"o": {"value": ["old"], "sensitive": True}}}
    read_ = read_entries(marked, prior_state=prior, planned_values=planned)
    assert read_.resources is not None
    one, data = read_.resources.resources
    assert one.change is not None
    assert one.change.before is not None
    old, number = one.change.before["a"], one.change.before["n"]
    assert dict(data.values)["a"] == old != one.values["a"]
    assert one.values["n"] == number
    assert read_.resources.outputs["o"] == [old]
    everything = [*one.change.before.values(), *one.values.values(), *data.values["m"]]
    assert {read_.secrets.hidden(each) for each in everything} == {SENSITIVE.text}


CONFIGURATION = {
    "provider_config": {
        "aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}},
        "aws.other": {
            "name": "aws",
            "alias": "other_entry",
            "expressions": {"region": {"constant_value": "us-east-1"}},
        },
    },
    "root_module": {
        "resources": [
            {"address": "aws_x.here", "provider_config_key": "aws"},
            {"address": "aws_x.there", "provider_config_key": "aws.other"},
        ]
    },
}


def test_a_change_has_the_region_of_its_provider() -> None:
    changes = [create("aws_x.here", {}), create("aws_x.there", {})]
    content = json.dumps(document(CONFIGURATION, resource_changes=changes)).encode()
    review = read_one(source(content)).review
    assert [each.region for each in review.changes] == ["eu-west-1", "us-east-1"]
    assert review.region is None
    assert read_one(source(content, region="eu-north-1")).review.region == "eu-north-1"


def test_a_stack_with_one_provider_is_in_its_region() -> None:
    one = {**CONFIGURATION, "provider_config": {"aws": CONFIGURATION["provider_config"]["aws"]}}
    read_ = read_one(source(json.dumps(document(one)).encode()))
    assert read_.review.region == "eu-west-1"


def test_the_same_plan_gives_the_same_resources_as_the_check_command() -> None:
    content = (Path(__file__).parents[2] / "terraform_json/cases/plan.json").read_bytes()
    ours, theirs = read_one(source(content)).resources, stack_resources("iot", content)
    assert ours is not None
    assert ours.resources == theirs.resources
    assert (ours.reads, ours.outputs, ours.providers) == (
        theirs.reads,
        theirs.outputs,
        theirs.providers,
    )
    assert ours.definitions == theirs.definitions
