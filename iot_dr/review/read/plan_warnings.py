"""What a plan tells beside changes, and that a reader must weigh."""

from collections.abc import Iterator
from typing import Final

from iot_dr.review.read.plan_document import PlanDocument
from iot_dr.review.read.plan_structs import CheckTold
from iot_dr.terraform_json.listing import listing

# developer.hashicorp.com/terraform/internals/json-format, "Checks Representation".
_WORDS: Final = {"fail": "does not hold", "error": "cannot be evaluated"}


def warnings(document: PlanDocument) -> Iterator[str]:
    """Yield the checks that do not hold, and the actions of providers that would be invoked."""
    for each in document.checks:
        if each.status in _WORDS:
            yield _told(each)
    if document.invoked:
        names = listing([each or "one without an address" for each in document.invoked])
        yield f"the plan also invokes actions of providers, which are not reviewed: {names}"


def _told(check: CheckTold) -> str:
    problems = (each.message for one in check.instances or () for each in one.problems)
    why = "; ".join(dict.fromkeys(filter(None, problems)))
    lead = f"the condition of {check.address.to_display or 'a check'} {_WORDS[check.status]}"
    return f"{lead}: {why}" if why else lead
