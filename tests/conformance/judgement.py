"""The comparison of the stand-in with an official provider."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from environments.settings import Settings
from iot_dr.generate.synthesis import synthesize
from stacks.platform_graph import platform_graph
from tests.conformance.difference import Comparison
from tests.conformance.later import LaterChange
from tests.conformance.official import OfficialProvider
from tests.conformance.schemas import official_schema, standin_schema
from tests.conformance.trial import Trial, official_trial, standin_trial

_SECTIONS = {"managed": ("resource_schemas", ""), "data": ("data_source_schemas", "data.")}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was compared on one environment, the differences, and what could not be compared.

    Attributes:
        failures: Errors of a provider; the plans of the failed stack are not compared.
        stacks: Stacks that ran with both providers, of `all_stacks`.
        removed: Arguments that the official provider lacks, which were removed for it.
        later: The changes of its plans after the apply.
    """

    failures: list[str]
    comparison: Comparison
    stacks: int
    all_stacks: int
    resources: int
    types: int
    removed: set[str]
    later: set[LaterChange]


class Judge:
    """An official provider, and the schemas of both."""

    def __init__(self, provider: OfficialProvider, folder: Path) -> None:
        """Read both schemas; raises `UserError` if the provider does not start."""
        self._provider = provider
        self._schemas = (
            official_schema(provider, folder / "official-schema"),
            standin_schema(folder / "standin-schema"),
        )

    def judge(self, settings: Settings, folder: Path) -> Judgement:
        """Run an environment with both providers, and compare their schemas and plans."""
        synthesize([settings], folder / "out")
        stacks = folder / "out" / "stacks"
        schema, _ = self._schemas
        official = official_trial(settings, stacks, folder / "official", self._provider, schema)
        standin = standin_trial(settings, stacks, folder / "standin")
        comparison = Comparison()
        types = set(_types(standin))
        for mode, name in types:
            section, lead = _SECTIONS[mode]
            pair = (each[section].get(name) for each in self._schemas)
            comparison.types(f"{lead}{name}", *pair)
        both = official.plans.keys() & standin.plans.keys()
        for name in both:
            comparison.plans(official.plans[name], standin.plans[name])
        return Judgement(
            failures=[
                *(f"official: {message}" for message in official.failures),
                *(f"stand-in: {message}" for message in standin.failures),
            ],
            comparison=comparison,
            stacks=len(both),
            all_stacks=len(platform_graph(settings).nodes),
            resources=sum(len(standin.plans[name]["resource_changes"]) for name in both),
            types=len(types),
            removed=official.removed,
            later=official.later,
        )


def _types(trial: Trial) -> Iterator[tuple[str, str]]:
    for plan in trial.plans.values():
        for resource in plan["configuration"]["root_module"]["resources"]:
            if resource["type"].startswith("aws_"):
                yield resource["mode"], resource["type"]
