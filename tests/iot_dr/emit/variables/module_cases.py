"""Calls of modules with other values than right ones, and what rules have to say of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from environments.regions import IOT_REGIONS
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.contract import Validation, Variable
from iot_dr.emit.variables.rules import LISTED_REGIONS, with_cross_rules
from iot_dr.emit.variables.settings import SETTINGS
from tests.iot_dr.emit.variables.cases import BASE
from tests.iot_dr.emit.variables.judge import Case, Judge, Question

ACCOUNT: Final = "111111111111"


def served(region: str, number: int) -> dict[str, Any]:
    """Return what a region's modules give, with a number of its own in the health check's id."""
    return {
        "region": region,
        "regional_name": f"mqtt-{region}.iot-dev.example.com",
        "deep_check_id": f"00000000-0000-4000-8000-00000000000{number}",
        "alarm_topic_arn": f"arn:aws:sns:{region}:{ACCOUNT}:alarms",
    }


_RIGHT: Final[Case] = {
    **BASE,
    "home_region": "eu-west-1",
    "standby_region": "eu-central-1",
    "replica_regions": ["eu-central-1"],
    "copied_keys": ["dev/iot.tfstate"],
    "regional_name": "mqtt-eu-west-1.iot-dev.example.com",
    "alarm_topic_arn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms",
    "device_state_table": "device-state",
    "device_registry_table": "device-registry",
    "primary": served("eu-west-1", 1),
    "standby": served("eu-central-1", 2),
}

_DERIVED: Final = {"account_id", "region", "home_region", "standby_region", "bucket_prefix"}


@dataclass(frozen=True, kw_only=True, eq=False)
class ModuleCase:
    """Changes to a right call of a module, and each sentence that refuses them."""

    module: str
    changes: Case
    refusals: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.module}-{'-'.join(self.changes)}"


def module_cases(table: Mapping[str, Sequence[tuple[Any, ...]]]) -> list[ModuleCase]:
    """Read a table: by module, changes and what is said of them, without what each one has.

    A refusal begins with `The value of` and ends with a full stop.
    """
    return [
        ModuleCase(
            module=module,
            changes=changes,
            refusals=tuple(sorted(f"The value of {each}." for each in said)),
        )
        for module, rows in table.items()
        for changes, *said in rows
    ]


def refusals(judge: Judge, cases: Iterable[ModuleCase]) -> dict[ModuleCase, tuple[str, ...]]:
    """Return what the rules of each module say of its cases, all of it in one run.

    Every rule is judged. A plan leaves those of a variable out while another one that they ask is
    refused.
    """
    asked: defaultdict[str, list[ModuleCase]] = defaultdict(list)
    for case in cases:
        asked[case.module].append(case)
    answers = judge.verdicts_of_each({name: _question(name, some) for name, some in asked.items()})
    return {
        case: _said(name, verdicts)
        for name, some in asked.items()
        for case, verdicts in zip(some, answers[name], strict=True)
    }


def variables(module: str) -> tuple[Variable, ...]:
    """Return a module's variables with all of their rules, but for those that guard providers."""
    return with_cross_rules(CATALOGUE[module].variables)


def right_call(module: str) -> Case:
    """Return a value for each variable of a module: its default, or one that is right.

    What a module takes from its providers by default is given: a rule alone has no providers.
    """
    return {
        variable.name: _RIGHT[variable.name]
        if variable.is_required or variable.name in _DERIVED
        else variable.default
        for variable in variables(module)
    }


def sentences_by_variable() -> dict[str, set[str]]:
    """Return what modules can say of a variable, but for what the rule of a setting says."""
    known = {
        rule for variable in with_cross_rules(SETTINGS.values()) for rule in variable.validations
    }
    value: defaultdict[str, set[str]] = defaultdict(set)
    for module in CATALOGUE:
        for variable in variables(module):
            value[variable.name] |= {
                _text(rule) for rule in variable.validations if rule not in known
            }
    return value


def _rules(module: str) -> list[Validation]:
    return [rule for variable in variables(module) for rule in variable.validations]


def _question(module: str, cases: Iterable[ModuleCase]) -> Question:
    right = right_call(module)
    return Question(
        types={each.name: each.type for each in variables(module)},
        conditions=[rule.condition for rule in _rules(module)],
        cases=[{**right, **case.changes} for case in cases],
    )


def _said(module: str, verdicts: Sequence[bool]) -> tuple[str, ...]:
    both = zip(_rules(module), verdicts, strict=True)
    return tuple(sorted(_text(rule) for rule, holds in both if not holds))


def _text(rule: Validation) -> str:
    return rule.error.replace(LISTED_REGIONS, ", ".join(IOT_REGIONS))
