"""The verdict of rules and proof on a design in one form of its Terraform."""

from collections.abc import Mapping
from enum import StrEnum

from environments.settings import Settings
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proofs import proofs
from iot_dr.rules.engine import judge
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource_set import ResourceSet


class Judged(StrEnum):
    """What a reader of both commands concludes."""

    RIGHT = "right"
    WRONG = "wrong"
    OPEN = "not judged"


def judged(documents: Mapping[str, bytes], settings: Settings | None) -> Judged:
    """Return the verdict: wrong if a rule blocks or the proof disproves, right if it proves.

    It is open otherwise.
    """
    stacks = [stack_resources(name, document) for name, document in documents.items()]
    resources = ResourceSet(stacks)
    expected = design_expectation(settings) if settings else None
    judgement = judge(resources, expected, expected.accepted_rules if expected else ())
    results = proofs(resources, expected)
    if judgement.verdict is Verdict.BLOCK or any(proof.violations for proof in results):
        return Judged.WRONG
    is_proved = bool(results) and all(proof.is_proved for proof in results)
    return Judged.RIGHT if is_proved else Judged.OPEN
