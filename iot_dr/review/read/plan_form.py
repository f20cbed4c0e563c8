"""Which documents the review takes for a plan."""

from collections.abc import Mapping
from typing import Final

from msgspec import Raw

from iot_dr.review.read.raw_json import checked
from iot_dr.terraform_json.document import explained
from iot_dr.terraform_json.json_text import RefusedJsonError
from iot_dr.terraform_json.state import is_state

_VERSION: Final = "format_version"
_KNOWN: Final = "1"
_PLAN: Final = ("planned_values", "resource_changes", "configuration")
_CONFIGURATION: Final = frozenset(("data", "module", "provider", "resource", "terraform"))
_MAKE: Final = "terraform show -json plan.tfplan > plan.json"


def refuse_others(top: Mapping[str, Raw]) -> None:
    """Raise RefusedJsonError for what is no plan, or one of a format that is not known."""
    if _VERSION not in top or not any(each in top for each in _PLAN):
        raise RefusedJsonError(_what_it_is(top))
    version = checked(top[_VERSION], _VERSION)
    if str(version).partition(".")[0] != _KNOWN:
        message = (
            f"has the format {str(version)[:20]!r}, and a review reads {_KNOWN}.x; plan with"
            " Terraform 1.5 to 1.15, and show the plan with the same"
        )
        raise RefusedJsonError(message)


def _what_it_is(top: Mapping[str, Raw]) -> str:
    if is_state(top):
        return f"is the JSON of a state and not of a plan; show the plan: {_MAKE}"
    if _VERSION not in top and not _CONFIGURATION.isdisjoint(top):
        return f"is configuration and not a plan; plan it: terraform plan -out plan.tfplan; {_MAKE}"
    return explained(top)
