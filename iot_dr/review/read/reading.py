"""Reads the plans of stacks for the review."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from msgspec import Raw

from iot_dr.review.read.plan_source import PlanSource, StackSource
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.stack_changes import Addresses, StackChanges
from iot_dr.review.read.stack_review import StackReview, Status
from iot_dr.terraform_json.document import unknown_format_message
from iot_dr.terraform_json.json_file import JsonFileError, json_content, read_content
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.plan.entry import is_known
from iot_dr.terraform_json.plan.masks import Masking
from iot_dr.terraform_json.plan.reader import Plan, is_plan, read_plan
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.stack_resources import StackResources
from iot_dr.terraform_json.state import is_state
from iot_dr.terraform_json.strict_json import RefusedJsonError, members, parsed

LARGEST: Final = 1024 * 1024 * 1024
"""Bytes of the largest plan's JSON that is read."""

# Bytes of JSON whose decoded form is kept for the next question; it takes some ten times as many.
_KEPT: Final = 1024 * 1024
_VERSION: Final = "format_version"
_KNOWN: Final = "1"
_CONFIGURATION: Final = frozenset(("data", "module", "provider", "resource", "terraform"))
_MAKE: Final = "terraform show -json plan.tfplan > plan.json"
# `complete` is in plans since Terraform 1.8 (internal/command/jsonplan/plan.go).
_MAY_BE_PARTIAL: Final = (
    "this Terraform, as all before 1.8, does not tell whether the plan is whole: one of -target"
    " looks like any other"
)
# The words of internal/command/jsonplan/plan.go of Terraform 1.15; others may come.
_REASONS: Final = {
    "instance_count_unknown": "how many there are is known after the apply",
    "resource_config_unknown": "their configuration is known after the apply",
    "provider_config_unknown": "their provider's configuration is known after the apply",
    "absent_prereq": "what they need is not there yet",
    "deferred_prereq": "what they need is put off itself",
}
# developer.hashicorp.com/terraform/internals/json-format, "Checks Representation".
_CHECKS: Final = {"fail": "does not hold", "error": "cannot be evaluated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStack:
    """One stack: the changes of its plan, and its resources for the rules.

    `resources` are None if there is no plan. `secrets` are those of all stacks that were read
    together; `notes` say what else a reader must know.
    """

    review: StackReview
    resources: StackResources | None
    secrets: Secrets
    notes: tuple[str, ...] = ()


def read_all(source: PlanSource) -> tuple[ReadStack, ...]:
    """Read the plans that are reviewed together, in their order.

    What is secret in one of them is hidden in all. Raises JsonFileError for what is no plan.
    """
    secrets = Secrets()
    # All are opened before any is shown, so that the first one hides what only the last one marks.
    opened = [(stack, _opened(stack, secrets)) for stack in source.stacks]
    return tuple(
        _without_plan(stack, secrets) if plan is None else _read(stack, plan, secrets)
        for stack, plan in opened
    )


def open_plan(content: bytes, masking: Masking) -> Plan:
    """Open the JSON of a plan; raises RefusedJsonError for anything else, and another format."""
    top = members(content, "the document")
    if not is_plan(top):
        raise RefusedJsonError(_what_it_is(top))
    version = parsed(top[_VERSION], _VERSION)
    if str(version).partition(".")[0] != _KNOWN:
        message = (
            f"has the format {str(version)[:20]!r}, and a review reads {_KNOWN}.x; plan with"
            " Terraform 1.5 to 1.15, and show the plan with the same"
        )
        raise RefusedJsonError(message)
    return read_plan(top, masking, cache_bytes=_KEPT)


def _what_it_is(top: Mapping[str, Raw]) -> str:
    if is_state(top):
        return f"is the JSON of a state and not of a plan; show the plan: {_MAKE}"
    if _VERSION not in top and not _CONFIGURATION.isdisjoint(top):
        return f"is configuration and not a plan; plan it: terraform plan -out plan.tfplan; {_MAKE}"
    return unknown_format_message(top)


def _opened(source: StackSource, secrets: Secrets) -> Plan | None:
    if source.file is None and source.content is None:
        return None
    place = source.file or Path(f"standard input ({source.name})")
    try:
        if source.content is None:
            return open_plan(read_content(place, LARGEST), secrets)
        return open_plan(json_content(source.content, Path("plan.tfplan")), secrets)
    except RefusedJsonError as error:
        raise JsonFileError(place, str(error)) from None


def _without_plan(source: StackSource, secrets: Secrets) -> ReadStack:
    review = StackReview(
        name=source.name,
        region=source.region,
        role=source.role,
        status=source.status,
        existed=False,
        problem=secrets.hidden(source.error),
        waits_for=source.waits_for,
    )
    return ReadStack(review=review, resources=None, secrets=secrets)


def _read(source: StackSource, plan: Plan, secrets: Secrets) -> ReadStack:
    addresses = Addresses(secrets)
    resources = _hidden(plan.resources(source.name), addresses)
    changes = StackChanges(source, resources, secrets, addresses)
    problem = _problem(plan)
    problems = (secrets.hidden(problem), secrets.hidden(source.error))
    review = StackReview(
        name=source.name,
        region=changes.region,
        role=source.role,
        status=_status(source, plan, problem),
        existed=plan.existed,
        changes=tuple(changes.changes(plan.changes, is_drift=False)),
        outputs=tuple(changes.outputs(plan.output_changes)),
        drift=tuple(changes.changes(plan.drift, is_drift=True)),
        unchanged=sum(
            each.mode == "managed" and each.is_known and not each.is_change for each in plan.changes
        ),
        problem="; ".join(each for each in problems if each),
        waits_for=source.waits_for,
        warnings=tuple(map(secrets.hidden, _warnings(plan))),
    )
    unsure = (_MAY_BE_PARTIAL,) if plan.is_complete is None else ()
    notes = tuple(f"{source.name}: {each}" for each in (*review.warnings, *unsure))
    return ReadStack(review=review, resources=resources, secrets=secrets, notes=notes)


def _hidden(stack: StackResources, addresses: Addresses) -> StackResources:
    """Hide what is secret in addresses, and so in all that is said of the resources."""

    def hidden(resource: Resource) -> Resource:
        address = addresses.hidden(resource.address)
        return resource if address == resource.address else replace(resource, address=address)

    return replace(stack, resources=tuple(map(hidden, stack.resources)))


def _status(source: StackSource, plan: Plan, problem: str) -> Status:
    if source.status != "planned":
        return source.status
    if plan.is_errored:
        return "failed"
    return "incomplete" if problem else "planned"


def _problem(plan: Plan) -> str:
    """Say why a plan failed or is incomplete; empty if it is neither."""
    if plan.is_errored:
        return (
            "Terraform did not finish the plan (`errored`): what is told is a part of it, and it"
            " cannot be applied"
        )
    if unknown := list(_unknown(plan)):
        return (
            "the plan does to these what this version of iot-dr does not know:"
            f" {listing(unknown)}; read the plan itself"
        )
    if plan.deferred:
        names = listing([each.resource_change.address for each in plan.deferred])
        counts = Counter(_REASONS.get(each.reason, "") for each in plan.deferred)
        why = "; ".join(each for each in counts if each)
        put_off = "Terraform puts these changes off until this plan is applied"
        return f"{put_off}: {names}" + (f" ({why})" if why else "")
    if plan.invoked_later:
        names = listing(plan.invoked_later)
        return f"Terraform puts these actions off until this plan is applied: {names}"
    if plan.is_complete is False:
        return (
            "Terraform says that this plan is not all (`complete` is false), as with -target: plan"
            " again after it is applied"
        )
    return ""


def _unknown(plan: Plan) -> Iterator[str]:
    """Yield the changes whose actions are not known, with Terraform's words for them."""
    for entry in (*plan.changes, *plan.drift):
        if not entry.is_known:
            yield f"{entry.address} ({_words(entry.fields.change.actions)})"
    for name, change in plan.output_changes.items():
        if not is_known(change.actions):
            yield f"output {name} ({_words(change.actions)})"


def _words(actions: tuple[str, ...]) -> str:
    return ", ".join(actions) or "no action"


def _warnings(plan: Plan) -> Iterator[str]:
    """Yield the checks that do not hold, and the actions of providers that would be invoked."""
    for check in plan.checks:
        if check.status in _CHECKS:
            problems = (each.message for one in check.instances or () for each in one.problems)
            why = "; ".join(dict.fromkeys(filter(None, problems)))
            subject = check.address.to_display or "a check"
            lead = f"the condition of {subject} {_CHECKS[check.status]}"
            yield f"{lead}: {why}" if why else lead
    if plan.invoked:
        names = listing([each or "one without an address" for each in plan.invoked])
        yield f"the plan also invokes actions of providers, which are not reviewed: {names}"
