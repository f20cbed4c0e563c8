"""Reads the plans of stacks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from msgspec import Raw

from iot_dr.common.terraform_binary import product
from iot_dr.review.read.plan_source import PlanSource, StackSource
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.stack_changes import HiddenAddresses, ReviewedChanges
from iot_dr.review.read.stack_review import StackReview, Status
from iot_dr.terraform_json.document import unknown_format_message
from iot_dr.terraform_json.json_file import (
    JsonFileError,
    json_content,
    plan_to_json,
    read_content,
    show_plan,
)
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.plan.entry import ChangeEntry, is_known
from iot_dr.terraform_json.plan.masks import Masking
from iot_dr.terraform_json.plan.reader import Plan, is_plan, read_plan
from iot_dr.terraform_json.plan.structs import ChangeFields
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.stack_resources import StackResources
from iot_dr.terraform_json.state import is_state
from iot_dr.terraform_json.strict_json import RefusedJsonError, members, parsed

MAX_BYTES: Final = 1024 * 1024 * 1024
"""The size of the largest plan JSON that is read."""

# Bytes of JSON whose decoded form is cached; decoded, they take about ten times as many.
_CACHED_BYTES: Final = 1024 * 1024
_VERSION: Final = "format_version"
_MAJOR: Final = "1"
_CONFIGURATION: Final = frozenset(("data", "module", "provider", "resource", "terraform"))
# `complete` is in plans since Terraform 1.8, and not in OpenTofu's, of which 1.10.10 was read
# (internal/command/jsonplan/plan.go).
_MAY_BE_PARTIAL: Final = (
    "Terraform before 1.8 and OpenTofu do not record whether a plan is complete: one made with"
    " -target looks like any other"
)
# The reasons of `deferred_changes` in Terraform 1.15: internal/command/jsonplan/plan.go.
_REASONS: Final = {
    "instance_count_unknown": "their number is known after apply",
    "resource_config_unknown": "their configuration is known after apply",
    "provider_config_unknown": "their provider's configuration is known after apply",
    "absent_prereq": "a prerequisite does not exist yet",
    "deferred_prereq": "a prerequisite is deferred itself",
}
# developer.hashicorp.com/terraform/internals/json-format, "Checks Representation".
_CHECKS: Final = {"fail": "failed", "error": "cannot be evaluated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedStack:
    """A stack of a review: its changes, and its resources for the rules.

    `resources` are None without a plan. `secrets` are shared by all stacks of a review.
    """

    review: StackReview
    resources: StackResources | None
    secrets: Secrets
    notes: tuple[str, ...] = ()


def read_stacks(source: PlanSource) -> tuple[LoadedStack, ...]:
    """Return the stacks of a review with their plans read, in their order.

    A value that is sensitive in one plan is hidden in all. Raises JsonFileError for a file that is
    not a plan.
    """
    secrets = Secrets()
    # All plans are opened first, so that the first one hides values that only the last one marks.
    opened = [(stack, _opened(stack, secrets)) for stack in source.stacks]
    return tuple(
        _without_plan(stack, secrets) if plan is None else _read(stack, plan, secrets)
        for stack, plan in opened
    )


def open_plan(content: bytes, masking: Masking) -> Plan:
    """Decode the JSON of a plan.

    Raises RefusedJsonError for other documents and unsupported format versions.
    """
    top = members(content, "the document")
    if not is_plan(top):
        raise RefusedJsonError(_description(top))
    version = parsed(top[_VERSION], _VERSION)
    if str(version).partition(".")[0] != _MAJOR:
        message = (
            f"has the format {str(version)[:20]!r}, and a review reads {_MAJOR}.x; plan and"
            " show the plan with Terraform 1.5 to 1.15"
        )
        raise RefusedJsonError(message)
    return read_plan(top, masking, cache_bytes=_CACHED_BYTES)


def _description(top: Mapping[str, Raw]) -> str:
    if is_state(top):
        return f"is a Terraform state, not a plan; show the plan: {show_plan()}"
    if _VERSION not in top and not _CONFIGURATION.isdisjoint(top):
        return f"is configuration, not a plan; plan it: {plan_to_json()}"
    return unknown_format_message(top)


def _opened(source: StackSource, secrets: Secrets) -> Plan | None:
    if source.file is None and source.content is None:
        return None
    place = source.file or Path(f"standard input ({source.name})")
    try:
        if source.content is None:
            return open_plan(read_content(place, MAX_BYTES), secrets)
        return open_plan(json_content(source.content, Path("plan.tfplan")), secrets)
    except RefusedJsonError as error:
        raise JsonFileError(place, str(error)) from None


def _without_plan(source: StackSource, secrets: Secrets) -> LoadedStack:
    review = StackReview(
        name=source.name,
        region=source.region,
        role=source.role,
        status=source.status,
        existed=False,
        problem=secrets.hidden(source.error),
        waits_for=source.waits_for,
        is_own=source.is_own,
    )
    return LoadedStack(review=review, resources=None, secrets=secrets)


def _read(source: StackSource, plan: Plan, secrets: Secrets) -> LoadedStack:
    addresses = HiddenAddresses(secrets)
    resources = _hidden(plan.resources(source.name), addresses)
    changes = ReviewedChanges(source, resources, secrets, addresses)
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
        drift=tuple(changes.changes(tuple(drifted(plan)), is_drift=True)),
        unchanged=sum(
            entry.mode == "managed" and entry.is_known and not entry.is_change
            for entry in plan.changes
        ),
        problem="; ".join(filter(None, problems)),
        waits_for=source.waits_for,
        warnings=tuple(map(secrets.hidden, _warnings(plan))),
        is_own=source.is_own,
    )
    may_be_partial = (_MAY_BE_PARTIAL,) if plan.is_complete is None else ()
    notes = tuple(f"{source.name}: {note}" for note in (*review.warnings, *may_be_partial))
    return LoadedStack(review=review, resources=resources, secrets=secrets, notes=notes)


def _hidden(stack: StackResources, addresses: HiddenAddresses) -> StackResources:
    """Return the resources with secrets hidden in their addresses, and so in findings."""

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
    """Return why a plan failed or is incomplete; empty if it is neither."""
    if plan.is_errored:
        return (
            "the plan ended with an error (`errored`): the review shows only a part of it, and it"
            " cannot be applied"
        )
    if unknown := list(_unknown_actions(plan)):
        return (
            "this version of iot-dr does not know the actions of these changes:"
            f" {listing(unknown)}; read the plan itself"
        )
    if plan.deferred:
        names = listing([deferred.resource_change.address for deferred in plan.deferred])
        reasons = dict.fromkeys(_REASONS.get(deferred.reason, "") for deferred in plan.deferred)
        why = "; ".join(filter(None, reasons))
        lead = f"{product()} defers these changes until this plan is applied"
        return f"{lead}: {names}" + (f" ({why})" if why else "")
    if plan.invoked_later:
        names = listing(plan.invoked_later)
        return f"{product()} defers these actions until this plan is applied: {names}"
    if plan.is_complete is False:
        return (
            "the plan is incomplete (`complete` is false), as with -target: plan again after it is"
            " applied"
        )
    return ""


def _unknown_actions(plan: Plan) -> Iterator[str]:
    """Yield the changes with actions that this version does not know, and these actions."""
    for entry in (*plan.changes, *plan.drift):
        if not entry.is_known:
            yield f"{entry.address} ({_written_actions(entry.fields.change.actions)})"
    for name, change in plan.output_changes.items():
        if not is_known(change.actions):
            yield f"output {name} ({_written_actions(change.actions)})"


def _written_actions(actions: tuple[str, ...]) -> str:
    return ", ".join(actions) or "no action"


def _warnings(plan: Plan) -> Iterator[str]:
    """Yield the failed checks, and the provider actions that the apply would invoke."""
    for check in plan.checks:
        if check.status in _CHECKS:
            problems = (
                problem.message
                for instance in check.instances or ()
                for problem in instance.problems
            )
            why = "; ".join(dict.fromkeys(filter(None, problems)))
            subject = check.address.to_display or "a check"
            lead = f"the condition of {subject} {_CHECKS[check.status]}"
            yield f"{lead}: {why}" if why else lead
    if plan.invoked:
        names = listing([address or "an action without an address" for address in plan.invoked])
        yield f"the plan also invokes provider actions, which are not reviewed: {names}"


def drifted(plan: Plan) -> Iterator[ChangeEntry]:
    """Yield the resources that changed outside Terraform.

    Without those of which the plan leaves every change: AWS has filled in what had no value, or
    the configuration has the argument and Terraform ignores its change (`ignore_changes`, which a
    plan does not contain).
    """
    planned = {each.address: each for each in plan.changes if not each.is_deposed}
    for entry in plan.drift:
        kept = planned.get(entry.address)
        arguments = mapping(plan.configuration.block(entry.address).get("expressions"))
        if not kept or not _is_left(entry.fields.change, kept.fields.change, arguments):
            yield entry


def _is_left(drift: ChangeFields, kept: ChangeFields, arguments: Mapping[str, Json]) -> bool:
    before, after, planned = map(mapping, (drift.before, drift.after, kept.after))
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    return bool(before and after) and all(
        planned.get(key) == after.get(key) and (key in arguments or before.get(key) in (None, ""))
        for key in changed
    )
