"""Refuses a run on a state that is not the stack's, before Terraform plans to destroy it.

Two projects may share a bucket and name an environment alike, or a state may be copied to the key
of another stack. Terraform's own lineage shows only that a state was replaced, and nothing of a
state that was there first.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.guard import Fetch
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform_json.json_value import Json, mapping, mappings, text

# Names of default tags whose values an environment's resources share.
_OWN: Final = ("Project", "Environment")
# One resource may have been renamed in the code.
_FEWEST: Final = 2
# Blocks with the former address of a resource.
_MOVES: Final = ("moved", "removed")


class ForeignStateError(UserError):
    """The state at a stack's key is that of other resources."""


def refuse_foreign(stack: str, document: StackDocument, fetch: Fetch) -> None:
    """Raise ForeignStateError if the state at a stack's key is not the stack's.

    It is not if it cannot be read as a state, or if nothing in it is the stack's: the tags Project
    and Environment, the regions, or all addresses and outputs are others. A state without resources
    is nobody's.
    """
    kind, backend = document.backend
    if kind != "s3":
        return
    place = document.location
    content = fetch(place, backend.get("assume_role", {}).get("role_arn"))
    # The backend takes an empty object for none, too.
    if not content:
        return
    where = f"s3://{place.bucket}/{place.key} ({place.region})"
    try:
        why = _why(stack, document, json.loads(content))
    except (ValueError, TypeError, KeyError):
        message = (
            f"{where} cannot be read as a state of Terraform; restore the object's former version,"
            " or delete it if the stack was never applied (docs/runbooks/state.md)"
        )
        raise ForeignStateError(message) from None
    if why:
        environment = place.key.partition("/")[0]
        message = (
            f"{where} is not the state of this stack: {why}. If you renamed the project, set"
            f" project back in environments/{environment}.yaml; if the state belongs to another"
            " project or environment, set another state.bucket_prefix there, as long as nothing of"
            " this one is deployed; if it is a copy by mistake, restore the object's former"
            " version, or delete it if the stack was never applied; if you replaced every"
            " resource of an own stack, first deploy it without resources. Then plan again"
            " (docs/runbooks/state.md)"
        )
        raise ForeignStateError(message)


def _why(stack: str, document: StackDocument, state: dict[str, Any]) -> str | None:
    resources = [each for each in state["resources"] if each["mode"] == "managed"]
    outputs = set(state.get("outputs") or {})
    values = list(_values(resources))
    return (
        _other_tags(document, values)
        or (_other_regions(document, values) if _is_regional(stack, document) else None)
        or _other_resources(document, resources, outputs)
    )


def _values(resources: list[dict[str, Any]]) -> Iterator[Mapping[str, Json]]:
    return (mapping(instance["attributes"]) for each in resources for instance in each["instances"])


def _other_tags(document: StackDocument, values: list[Mapping[str, Json]]) -> str | None:
    own = [
        {name: text(tags.get(name)) for name in _OWN}
        for provider in _providers(document)
        for default in mappings(provider.get("default_tags"))
        for tags in mappings(default.get("tags"))
    ]
    tagged = [
        {name: text(tags.get(name)) for name in _OWN}
        for attributes in values
        if (tags := mapping(attributes.get("tags_all"))).get("ManagedBy") == "iot-dr"
    ]
    if not own or not tagged or any(tags in own for tags in tagged):
        return None
    others = ", ".join(f"{name} {plain(value)}" for name, value in tagged[0].items())
    return f"its resources have the tags {others}"


def _is_regional(stack: str, document: StackDocument) -> bool:
    """Whether a stack stays in its region; the certificate of a promoted global one may not."""
    return stack.endswith(f"-{document.location.region}")


def _other_regions(document: StackDocument, values: list[Mapping[str, Json]]) -> str | None:
    own = {text(provider.get("region")) for provider in _providers(document)}
    # A resource of an own stack may name a region itself.
    own |= {
        region for each in _configured(document).values() if (region := text(each.get("region")))
    }
    others = {region for each in values if (region := text(each.get("region")))}
    if not others or not all(own) or own & others:
        return None
    return f"its resources are in {', '.join(map(plain, sorted(others)))}"


def _other_resources(
    document: StackDocument, resources: list[dict[str, Any]], outputs: set[str]
) -> str | None:
    content = document.content
    configured = {*_configured(document), *(f"module.{name}" for name in content.get("module", {}))}
    former = {text(block.get("from")) for key in _MOVES for block in mappings(content.get(key))}
    stored = {_address(each) for each in resources}
    is_kept = bool(stored & (configured | former)) or bool(outputs & {*content.get("output", {})})
    # The stack of a leaving region has no resources, since all of them are to be destroyed.
    if not configured or is_kept or len(resources) < _FEWEST:
        return None
    first = plain(min(stored))
    return f"none of its {len(resources)} resources, such as {first}, is in the stack's cdk.tf.json"


def _address(resource: dict[str, Any]) -> str:
    """Return the address of a resource in a state, or of the outermost module that has it."""
    if module := text(resource.get("module")):
        return ".".join(re.split(r"[.\[]", module)[:2])
    return f"{resource['type']}.{resource['name']}"


def _configured(document: StackDocument) -> dict[str, dict[str, Json]]:
    """Return the configuration of each resource by its address."""
    return {
        f"{type_}.{name}": mapping(body)
        for type_, named in document.content.get("resource", {}).items()
        for name, body in named.items()
    }


def _providers(document: StackDocument) -> list[dict[str, Json]]:
    return [
        provider
        for named in document.content.get("provider", {}).values()
        for provider in mappings(named)
    ]
