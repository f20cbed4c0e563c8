"""Plans with a secret in each place where Terraform may have one; none of them may be shown.

The plans are those of two stacks that are reviewed together, and of a third that failed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iot_dr.review.read.plan_source import PlanSource, StackSource
from tests.support.plan_parts import Json, change, create, destroy, document, entry, update

SHOWN = "not-a-secret"
"""A value next to the secrets that must be shown."""


@dataclass
class Canaries:
    """Creates secrets, each with its place in its name; see `planted`."""

    documents: dict[str, Json] = field(default_factory=dict[str, Json])
    error: str = ""
    made: list[str] = field(default_factory=list[str])

    def new(self, place: str) -> str:
        """Return a new secret."""
        self.made.append(f"canary-{len(self.made):02}-{place}")
        return self.made[-1]

    def source(self, folder: Path) -> PlanSource:
        """Write the plans into a folder, and return them as the source of a review."""
        stacks: list[StackSource] = []
        for name, plan in self.documents.items():
            file = folder / f"{name}.json"
            file.write_text(json.dumps(plan), encoding="utf-8")
            stacks.append(_stack(name, "planned", file))
        stacks.append(_stack("failing", "failed", None, self.error))
        return PlanSource(environment="dev", provider="aws", base=None, stacks=tuple(stacks))


def planted() -> Canaries:
    """Plant secrets in some fifty places of plans, and in an error."""
    canaries = Canaries()
    variable = canaries.new("variable")
    number = 48_151_623_421
    canaries.made.append(str(number))
    canaries.documents["echoing"] = document(
        {},
        resource_changes=[
            # The other stack marks it; this one is read first.
            update("aws_x.echo", {"a": "1"}, {"a": variable}),
            update("aws_x.number", {"a": 1}, {"a": number}),
        ],
    )
    canaries.documents["marked"] = _marked(canaries, variable, number)
    failed = canaries.new("variable of error")
    canaries.documents["marked"]["variables"]["failed"] = {"value": failed}
    _root(canaries)["variables"]["failed"] = {"sensitive": True}
    canaries.error = f"Error: cannot log in with {failed} or {variable}: {SHOWN}"
    return canaries


def _root(canaries: Canaries) -> Json:
    return canaries.documents["marked"]["configuration"]["root_module"]


def _marked(canaries: Canaries, variable: str, number: int) -> Json:
    new = canaries.new
    line, deferred = new("second line"), new("deferred")
    given, put_off = new("action"), new("deferred action")
    odd = new("variable, 1 as mask")
    key = f"{new('private key')}\n{line}\n"
    canaries.made.append(json.dumps(key)[1:-1])
    quoted = f'{new("quoted")}"\\<end>'
    changes = [
        *_masked(new),
        *_whole(new),
        create("aws_x.key", {"key": key, "n": number}, {"key": True, "n": True}),
        create("aws_x.quoted", {"q": quoted}, {"q": True}),
        *_echoes(variable, key, quoted),
        *(
            create(f"aws_x.echo_{at}", {"a": value})
            for at, value in enumerate((line, deferred, given, put_off, odd))
        ),
    ]
    values = {where: _values(new, where) for where in ("planned", "prior")}
    changes += _value_echoes(values)
    return document(
        _configuration(new),
        variables={
            "secret": {"value": variable},
            "odd": {"value": odd},
            "plain": {"value": SHOWN},
        },
        resource_changes=changes,
        resource_drift=[
            update("aws_x.drift", {"a": new("drift")}, {"a": new("drift")}, {"a": True}),
            destroy("aws_x.gone", {"a": {"b": new("drift gone")}}, {"a": {"b": True}}),
        ],
        deferred_changes=[
            {
                "reason": "absent_prereq",
                "resource_change": create("aws_x.later", {"a": deferred}, {"a": True}),
            }
        ],
        output_changes=_outputs(new),
        planned_values=values["planned"],
        prior_state={"format_version": "1.0", "values": values["prior"]},
        checks=[{"address": {"kind": "resource"}, "problems": [{"message": new("check")}]}],
        action_invocations=[_invocation(given)],
        deferred_action_invocations=[{"action_invocation": _invocation(put_off)}],
    )


def _invocation(secret: str) -> Json:
    values, mask = {"config_values": {"a": secret}}, {"config_sensitive": {"a": True}}
    return {"address": "action.aws_x.a", **values, **mask}


def _masked(new: Any) -> Iterator[Json]:
    """Secrets at every depth, on either side or both."""
    yield create("aws_x.attribute", {"a": new("attribute"), "b": SHOWN}, {"a": True})
    yield create("aws_x.object", {"o": {"a": new("object"), "b": SHOWN}}, {"o": {"a": True}})
    yield create("aws_x.block", {"l": [{"a": 1}, {"b": new("block")}]}, {"l": [{}, {"b": True}]})
    yield create("aws_x.list", {"l": ["1", new("list")]}, {"l": [False, True]})
    yield create("aws_x.set", {"s": [new("set"), new("set")]}, {"s": True})
    yield create("aws_x.map", {"m": {new("key of map"): new("map")}}, {"m": True})
    yield create("aws_x.one_of_map", {"m": {"k": new("one of map")}}, {"m": {"k": True}})
    yield create("aws_x.deep", {"a": [{"b": {"c": [new("deep")]}}]}, {"a": [{"b": True}]})
    yield create("aws_x.json", {"p": json.dumps({"a": new("json")})}, {"p": True})
    yield create("aws_x.misfit", {"a": {"b": new("misfit")}}, {"a": [True]})
    yield create(
        "aws_x.one", {"a": new("1 as mask"), "b": [new("mask of text")]}, {"a": 1, "b": ["x"]}
    )
    yield create("aws_x.short", {"a": [new("short mask"), new("short mask")]}, {"a": [True]})
    yield update("aws_x.both", {"a": new("before")}, {"a": new("after")}, {"a": True})
    yield update("aws_x.was", {"a": new("was")}, {"a": new("was")}, {"a": True}, {})
    yield update("aws_x.becomes", {"a": new("becomes")}, {"a": new("becomes")}, {}, {"a": True})
    old, more = [new("shifted"), "x"], ["y", new("shifted"), "x"]
    yield update("aws_x.shift", {"l": old}, {"l": more}, {"l": [True]}, {"l": [False, True]})
    later = update("aws_x.later", {"a": {"b": new("later")}}, {}, {"a": {"b": True}}, {})
    later["change"]["after_unknown"] = {"a": True}
    yield later


def _whole(new: Any) -> Iterator[Json]:
    """Secrets of resources that are destroyed, unchanged or created in other ways."""
    yield create("aws_x.whole", {"a": new("whole"), "b": {"c": new("whole")}}, True)
    yield destroy("aws_x.destroyed", {"a": new("destroyed")}, {"a": True})
    yield {**destroy("aws_x.left", {"a": new("deposed")}, {"a": True}), "deposed": "1a2b3c4d"}
    forgotten = destroy("aws_x.forgotten", {"a": new("forgotten")}, {"a": True})
    forgotten["change"]["actions"] = ["forget"]
    yield forgotten
    replaced = update("aws_x.replaced", {"a": new("old")}, {"a": new("new")}, {"a": True})
    replaced["change"] |= {"actions": ["delete", "create"], "replace_paths": [["a"]]}
    yield replaced
    moved = update("aws_x.moved", {"a": new("moved")}, {"a": new("moved")}, {"a": True})
    yield {**moved, "previous_address": "aws_x.old"}
    # Terraform accepts no sensitive id, but an id may be the value of a sensitive argument.
    secret = new("imported")
    imported = create("aws_x.imported", {"a": secret}, {"a": True})
    imported["change"] |= {"importing": {"id": secret}, "generated_config": new("hcl")}
    yield imported
    read = create("data.aws_x.read", {"a": new("data")}, {"a": True})
    read["change"]["actions"] = ["read"]
    yield {**read, "mode": "data"}


def _echoes(variable: str, key: str, quoted: str) -> Iterator[Json]:
    """Secrets that are repeated elsewhere without a mark."""
    yield create("aws_x.echo", {"a": variable})
    yield create("aws_x.within", {"a": f"postgres://admin:{variable}@db"})
    yield update("aws_x.policy", {"p": "{}"}, {"p": json.dumps({"S": [{"Key": variable}]})})
    yield create("aws_x.user_data", {"u": f"#!/bin/sh\nexport KEY={variable}\n"})
    yield create("aws_x.in_key", {"m": {variable: "1"}})
    yield create("aws_x.repeats", {"a": f"-- {key} --", "b": json.dumps({"k": key, "q": quoted})})
    whole = update("aws_x.to_list", {"a": variable}, {"a": [variable]})
    whole["change"]["replace_paths"] = [["m", variable]]
    yield whole


def _value_echoes(values: Json) -> Iterator[Json]:
    """Values of outputs and data sources that a resource repeats without a mark."""
    for where, part in values.items():
        root = part["root_module"]
        sources = root["resources"] + root["child_modules"][0]["resources"]
        repeated = [part["outputs"][name]["value"] for name in ("declared", "with_1")]
        repeated += [each["values"]["a"] for each in sources]
        yield create(f"aws_x.repeats_{where}", {"a": repeated})


def _outputs(new: Any) -> Json:
    values = [
        ("marked", new("output"), new("output"), True),
        ("nested", {"a": new("output")}, {"a": [new("output")]}, True),
        ("declared", "1", new("declared output"), False),
        ("with_1", "1", new("output declared with 1"), False),
    ]
    return {
        name: change(["update"], before, after, (mask, mask))
        for name, before, after, mask in values
    }


def _values(new: Any, where: str) -> Json:
    inner = entry("module.m.aws_x.y")
    return {
        "outputs": {
            "declared": {"sensitive": True, "value": new(f"{where} output")},
            "with_1": {"sensitive": 1, "value": new(f"{where} output, 1 as mask")},
            "plain": {"sensitive": False, "value": SHOWN},
        },
        "root_module": {
            "resources": [
                {
                    **entry("data.aws_x.read_before", "data"),
                    "values": {"a": new(f"{where} data")},
                    "sensitive_values": {"a": True},
                },
                {
                    **entry("data.aws_x.read_with_1", "data"),
                    "values": {"a": new(f"{where} data, 1 as mask")},
                    "sensitive_values": {"a": 1},
                },
            ],
            "child_modules": [
                {
                    "address": "module.m",
                    "resources": [
                        {
                            **inner,
                            "values": {"a": [{"b": new(f"{where} module")}]},
                            "sensitive_values": {"a": [{"b": True}]},
                        }
                    ],
                }
            ],
        },
    }


def _configuration(new: Any) -> Json:
    module = {
        "variables": {
            "given": {"sensitive": True},
            "default": {"sensitive": True, "default": new("default of module")},
        },
        "outputs": {
            "o": {"sensitive": True, "expression": {"constant_value": new("output of module")}}
        },
    }
    call = {"module": module, "expressions": {"given": {"constant_value": new("given")}}}
    return {
        "root_module": {
            "variables": {
                "secret": {"sensitive": True, "default": new("default")},
                "odd": {"sensitive": 1},
                "plain": {"default": SHOWN},
            },
            "module_calls": {"m": call},
        }
    }


def _stack(name: str, status: Any, file: Path | None, error: str = "") -> StackSource:
    return StackSource(
        name=name, region="eu-west-1", role="primary", status=status, file=file, error=error
    )
