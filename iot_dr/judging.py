"""The public API for judging Terraform: what other tools import (docs/reference/api.md).

Semantic versioning applies to the names in `__all__`. It needs Python and msgspec alone: no
settings, no engine.
"""

from iot_dr.common.user_error import UserError
from iot_dr.design.expectation import AcceptedRule
from iot_dr.design.unjudged import NO_FAILOVER, lacks_failover, unjudged_names
from iot_dr.prover.findings import Violation
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.rules.catalogue import RULES
from iot_dr.rules.engine import Judgement, judge
from iot_dr.rules.rule import Finding, Verdict
from iot_dr.rules.suppression import Suppressed
from iot_dr.terraform_json.files import ReadFiles, read_files
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.stack_resources import not_checked

__all__ = [
    "AcceptedRule",
    "Finding",
    "Judgement",
    "Proof",
    "ReadFiles",
    "ResourceSet",
    "Suppressed",
    "UserError",
    "Verdict",
    "Violation",
    "judge",
    "not_judged",
    "proofs",
    "read_files",
]


def not_judged(resources: ResourceSet) -> tuple[str, ...]:
    """Return what was not read or not judged, a sentence each.

    A design without failover records has no proof either: its verdict `ok` means that no rule
    found a fault, not that devices fail over.
    """
    by_rules = (note for rule in RULES for note in rule.not_judged(resources))
    notes = (*not_checked(resources.stacks), *by_rules, *unjudged_names(resources))
    without = (NO_FAILOVER,) if lacks_failover(resources) else ()
    return tuple(dict.fromkeys((*notes, *without)))
