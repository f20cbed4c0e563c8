"""CPU seconds of commands on designs of one shape, and how they grow with its size."""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from iot_dr.cli.text import columns
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence
from tools.benchmarks.large_designs import RECORD, REGIONS, design
from tools.benchmarks.process_tree import CommandError
from tools.benchmarks.target import Target

_SIZES: Final = (5_000, 20_000)
_SHAPES: Final = (
    *("many failover names", "names, checks and aliases", "bipartite aliases"),
    *("one weighted name", "one multivalue name"),
)
_TIME: Final = Target(5, is_upper=True)
# Processes have a start of their own, so that a command grows less than its work.
_GROWTH: Final = Target(1.2, is_upper=True)
# `check` and `prove` end with 1 or 3 for what they find.
_FOUND: Final = (0, 1, 3)

_PROVIDER: Final = "registry.terraform.io/hashicorp/aws"
_REFERENCE: Final = re.compile(r"\$\{((?:data\.)?\w+\.\w+)\.(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Grown:
    """CPU seconds of one command on a design of a shape, by its number of records."""

    command: str
    shape: str
    seconds: Mapping[int, float]

    @property
    def growth(self) -> float:
        """How much more time the larger design takes, divided by that of n log n."""
        small, large = _SIZES
        work = large * math.log(large) / (small * math.log(small))
        return self.seconds[large] / self.seconds[small] / work


def grown(folder: Path, commands: Sequence[str], variables: Mapping[str, str]) -> list[Grown]:
    """Measure commands of `iot-dr` on each shape: `review` on its plan, others on configuration."""
    return [
        Grown(
            command=command,
            shape=shape,
            seconds={
                records: _seconds(_words(command, _written(folder, shape, records)), variables)
                for records in _SIZES
            },
        )
        for shape in _SHAPES
        for command in commands
    ]


def grown_text(measured: Iterable[Grown]) -> str:
    """Return a table with a row for each command and shape, and whether the targets are met."""
    rows = [
        (
            *(row.command, row.shape),
            *(f"{row.seconds[records]:.1f}" for records in _SIZES),
            f"{row.growth:.2f}",
            "met" if _TIME.is_met_by(row.seconds[_SIZES[1]]) else "not met",
            "met" if _GROWTH.is_met_by(row.growth) else "not met",
        )
        for row in measured
    ]
    sizes = (f"CPU S, {records}" for records in _SIZES)
    head = ("COMMAND", "SHAPE", *sizes, "OF N LOG N", f"{_TIME} S", f"{_GROWTH}")
    return columns([head, *rows], numbers=True)


def _written(folder: Path, shape: str, records: int) -> Path:
    place = folder / f"{shape}-{records}"
    if not place.exists():
        place.mkdir(parents=True)
        document = design(shape, records)
        (place / "dns.tf.json").write_text(json.dumps(document), encoding="utf-8")
        (place / "plan.json").write_text(json.dumps(plan(document)), encoding="utf-8")
    return place


def _words(command: str, folder: Path) -> list[str]:
    if command == "review":
        return [command, "--plans", str(folder / "plan.json")]
    return [command, str(folder / "dns.tf.json")]


def _seconds(words: Sequence[str], variables: Mapping[str, str]) -> float:
    """Return user and system time of a process, which other processes hardly change."""
    command = [sys.executable, "-m", "iot_dr", *words]
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - the benchmark's own
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in _FOUND:
        raise CommandError(f"{' '.join(command)} exited with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def plan(document: Mapping[str, Any], action: str = "update") -> dict[str, Any]:
    """Return the plan of a design: one action on every resource.

    Of resources to `create` no id is known; of others the values have literals of their ids.
    """
    entries = [
        (mode, type_, label, body)
        for mode, top in (("data", "data"), ("managed", "resource"))
        for type_, typed in document[top].items()
        for label, body in typed.items()
    ]
    read = [_read(*each[:3]) for each in entries if each[0] == "data"]
    providers = {
        f"aws.{aws['alias']}": {
            "name": "aws",
            "full_name": _PROVIDER,
            "alias": aws["alias"],
            "expressions": {"region": {"constant_value": aws["region"]}},
        }
        for aws in document["provider"]["aws"]
    }
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.0",
        "planned_values": {"root_module": {"resources": []}},
        "resource_changes": [_change(*each, action) for each in entries if each[0] == "managed"],
        "prior_state": {
            "format_version": "1.0",
            "values": {"root_module": {"resources": read}},
        },
        "configuration": {
            "provider_config": providers,
            "root_module": {"resources": [_configured(*each) for each in entries]},
        },
        "complete": True,
        "errored": False,
    }


def _change(mode: str, type_: str, label: str, body: Mapping[str, Any], action: str) -> Json:
    arguments = {key: value for key, value in body.items() if key != "provider"}
    ids = {key: f"{label}-id" for key in ("id", "zone_id") if key not in arguments}
    known = {**ids, **_known(arguments)}
    changed = {"ttl": 30} if type_ == RECORD else {"tags": {"a": "b"}}
    sides: dict[str, Any] = {"before": {**known, **changed}, "after": known, "after_unknown": {}}
    if action == "create":
        hidden = {key: True for key, value in arguments.items() if "${aws_" in json.dumps(value)}
        after = {key: _known(value) for key, value in arguments.items() if key not in hidden}
        unknown = {**hidden, **dict.fromkeys(ids, True)}
        sides = {"before": None, "after": after, "after_unknown": unknown}
    if action == "delete":
        sides["after"] = None
    masks: dict[str, Any] = {"before_sensitive": {}, "after_sensitive": {}}
    change = {"actions": [action], **sides, **masks}
    return {**_named(mode, type_, label), "provider_name": _PROVIDER, "change": change}


def _read(mode: str, type_: str, label: str) -> Json:
    named = _named(mode, type_, label)
    host = _attribute(named["address"], "endpoint_address")
    values = {"id": host, "endpoint_type": "iot:Data-ATS", "endpoint_address": host}
    masks = dict[str, Json]()
    return {**named, "values": values, "sensitive_values": masks}


def _configured(mode: str, type_: str, label: str, body: Mapping[str, Any]) -> Json:
    expressions = {key: _expression(value) for key, value in body.items() if key != "provider"}
    return {
        **_named(mode, type_, label),
        "provider_config_key": body["provider"],
        "expressions": expressions,
        "schema_version": 0,
    }


def _named(mode: str, type_: str, label: str) -> dict[str, str]:
    address = f"{'data.' if mode == 'data' else ''}{type_}.{label}"
    return {"address": address, "mode": mode, "type": type_, "name": label}


def _known(value: Json) -> Json:
    """Return a value with the ids of existing resources for its references."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: _attribute(*match.groups()), value)
    if is_sequence(value):
        return [_known(each) for each in value]
    if is_mapping(value):
        return {key: _known(each) for key, each in value.items()}
    return value


def _attribute(address: str, attribute: str) -> str:
    label = address.rpartition(".")[2]
    if attribute == "endpoint_address":
        return f"a1-ats.iot.{REGIONS[label]}.amazonaws.com"
    return f"{label}-id"


def _expression(value: Json) -> Json:
    if is_sequence(value) and value and all(map(is_mapping, value)):
        return [{key: _expression(each) for key, each in inner.items()} for inner in value]
    referred = _REFERENCE.findall(json.dumps(value))
    if not referred:
        return {"constant_value": value}
    references = [text for address, name in referred for text in (f"{address}.{name}", address)]
    return {"references": list(dict.fromkeys(references))}
