"""Reads the plan of a stack for the review."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from iot_dr.review.read.addresses import Addresses
from iot_dr.review.read.plan_document import PlanDocument, read_document
from iot_dr.review.read.plan_problem import problem
from iot_dr.review.read.plan_source import PlanSource, StackSource
from iot_dr.review.read.plan_warnings import warnings
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.stack_changes import StackChanges, unchanged
from iot_dr.review.read.stack_review import StackReview, Status
from iot_dr.terraform_json.json_file import JsonFileError, json_content, read_content
from iot_dr.terraform_json.json_text import RefusedJsonError
from iot_dr.terraform_json.plan import planned_resources
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.stack_resources import StackResources

LARGEST: Final = 1024 * 1024 * 1024
"""Bytes of the largest plan's JSON that is read."""

# `complete` is in plans since Terraform 1.8 (internal/command/jsonplan/plan.go).
_UNTOLD: Final = (
    "this Terraform, as all before 1.8, does not tell whether the plan is whole: one of -target"
    " looks like any other"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStack:
    """One stack: what is told of its plan, and its resources for the rules.

    `resources` are None where there is no plan. `secrets` are those of all stacks that were read
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
    # All are opened before any is told, so that the first one hides what only the last one marks.
    opened = [(stack, _opened(stack, secrets)) for stack in source.stacks]
    return tuple(_read(stack, document, secrets) for stack, document in opened)


def read(source: StackSource) -> ReadStack:
    """Read one plan alone; raises JsonFileError for what is no plan."""
    secrets = Secrets()
    return _read(source, _opened(source, secrets), secrets)


def _opened(source: StackSource, secrets: Secrets) -> PlanDocument | None:
    if source.file is None and source.content is None:
        return None
    place = source.file or Path(f"standard input ({source.name})")
    try:
        if source.content is None:
            return read_document(read_content(place, LARGEST), secrets)
        return read_document(json_content(source.content, Path("plan.tfplan")), secrets)
    except RefusedJsonError as error:
        raise JsonFileError(place, str(error)) from None


def _read(source: StackSource, document: PlanDocument | None, secrets: Secrets) -> ReadStack:
    error = secrets.hidden(source.error)
    if document is None:
        review = StackReview(
            name=source.name,
            region=source.region,
            role=source.role,
            status=source.status,
            existed=False,
            problem=error,
            waits_for=source.waits_for,
        )
        return ReadStack(review=review, resources=None, secrets=secrets)
    addresses = Addresses(secrets)
    resources = _hidden(
        planned_resources(source.name, document.document, document.entries()), addresses
    )
    told = StackChanges(source, resources, secrets, addresses)
    review = StackReview(
        name=source.name,
        region=told.region,
        role=source.role,
        status=_status(source, document),
        existed=document.existed,
        changes=tuple(told.changes(document.changes)),
        outputs=tuple(told.outputs(document.outputs)),
        drift=tuple(told.drift(document.drift)),
        unchanged=unchanged(document.changes),
        problem="; ".join(each for each in (secrets.hidden(problem(document)), error) if each),
        waits_for=source.waits_for,
        warnings=tuple(map(secrets.hidden, warnings(document))),
    )
    untold = (_UNTOLD,) if document.is_complete is None else ()
    notes = tuple(f"{source.name}: {each}" for each in (*review.warnings, *untold))
    return ReadStack(review=review, resources=resources, secrets=secrets, notes=notes)


def _hidden(stack: StackResources, addresses: Addresses) -> StackResources:
    """Hide what is secret in addresses, so that all that is told of the resources hides it."""
    return replace(stack, resources=tuple(_told(each, addresses) for each in stack.resources))


def _told(resource: Resource, addresses: Addresses) -> Resource:
    address = addresses.told(resource.address)
    return resource if address == resource.address else replace(resource, address=address)


def _status(source: StackSource, document: PlanDocument) -> Status:
    if source.status != "planned":
        return source.status
    if document.is_errored:
        return "failed"
    return "incomplete" if problem(document) else "planned"
