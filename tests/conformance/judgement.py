"""The stand-in judged by an official provider."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.settings import Settings
from iot_dr.synthesis import synthesize
from tests.conformance.difference import Difference, plan_differences, schema_differences
from tests.conformance.explained import reason_for
from tests.conformance.official import OfficialProvider
from tests.conformance.schemas import official_schema, standin_schema
from tests.conformance.trial import Trial, official_trial, standin_trial

_SECTIONS = {"managed": ("resource_schemas", ""), "data": ("data_source_schemas", "data.")}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What failed, what differs, and how much was compared."""

    failures: list[str]
    differences: set[Difference]
    stacks: int
    resources: int
    types: int

    @property
    def unexplained(self) -> list[Difference]:
        """The differences that no reason is known for."""
        return sorted(each for each in self.differences if not reason_for(each))


def judge(settings: Settings, provider: OfficialProvider, folder: Path) -> Judgement:
    """Run an environment with both providers, and compare their schemas and plans."""
    synthesize([settings], folder / "out")
    stacks = folder / "out" / "stacks"
    for name in ("official", "standin", "official-schema", "standin-schema"):
        (folder / name).mkdir()
    official = official_trial(settings, stacks, folder / "official", provider)
    standin = standin_trial(settings, stacks, folder / "standin")
    schemas = (
        official_schema(provider, folder / "official-schema"),
        standin_schema(folder / "standin-schema"),
    )
    types = set(_types(standin))
    return Judgement(
        failures=[
            *(f"official: {told}" for told in official.failures),
            *(f"stand-in: {told}" for told in standin.failures),
        ],
        differences={*_of_schemas(types, *schemas), *_of_plans(official, standin)},
        stacks=len(official.plans),
        resources=sum(len(plan["resource_changes"]) for plan in official.plans.values()),
        types=len(types),
    )


def _types(trial: Trial) -> Iterator[tuple[str, str]]:
    for plan in trial.plans.values():
        for each in plan["configuration"]["root_module"]["resources"]:
            if each["type"].startswith("aws_"):
                yield each["mode"], each["type"]


def _of_schemas(
    types: set[tuple[str, str]], official: dict[str, Any], standin: dict[str, Any]
) -> Iterator[Difference]:
    for mode, name in types:
        section, lead = _SECTIONS[mode]
        blocks = (schema[section][name]["block"] for schema in (official, standin))
        yield from schema_differences(f"{lead}{name}", *blocks)


def _of_plans(official: Trial, standin: Trial) -> Iterator[Difference]:
    for name in official.plans.keys() & standin.plans.keys():
        yield from plan_differences(official.plans[name], standin.plans[name])
