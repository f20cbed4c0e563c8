"""Device data of this project's functions that does not arrive in another region."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.data_path import data_paths
from iot_dr.design.expectation import DesignExpectation
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "data-does-not-arrive"


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    for loss in data_paths(resources, expected).lost:
        yield finding_at(loss.resource, _ID, f"{loss.message}.")


def _not_judged(resources: ResourceSet) -> Iterator[str]:
    for sentence in data_paths(resources, None).unknown:
        yield f"{sentence}, so whether device data arrives in every region is not proved"


RULE: Final = Rule(
    id=_ID,
    title="Device data that arrives in every region",
    why="A certificate that was revoked in one region, or a thing that was created there, is not"
    " known in another if one link of the path between them is broken: an event that is off, a"
    " trail that only reads, a queue that nothing reads, a role without a statement, a table of"
    " another name. The functions of iot-dr are known by their handlers and variables; of other"
    " code nothing is said. The finding names the first broken link.",
    source="docs/adr/0044-data-path.md; docs/adr/0022-registry-in-every-region.md",
    find=_find,
    not_judged=_not_judged,
)
