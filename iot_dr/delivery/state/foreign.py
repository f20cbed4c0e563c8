"""Refuses a run on a state that is not the stack's, before Terraform plans to destroy it.

Two projects may share a bucket and name an environment alike, or a state may be copied to the key
of another stack. Terraform's own lineage shows only that a state was replaced, and nothing of a
state that was there first.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from environments.project import settings_file
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.guard import Fetch
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform_json.json_value import Json, mapping, mappings, text
from iot_dr.terraform_json.state_file import StateFile, StateFileError, StateResource

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
    try:
        state = StateFile.read(content, place.url)
    except StateFileError as error:
        message = f"{error}, or delete it if the stack was never applied (docs/runbooks/state.md)"
        raise ForeignStateError(message) from None
    if why := _why(stack, document, state):
        environment = place.key.partition("/")[0]
        message = (
            f"{place.url} ({place.region}) is not the state of this stack: {why}. If you renamed"
            f" the project, set project back in {settings_file(environment)}; if the state"
            " belongs to another project or environment, set another state.bucket_prefix there, as"
            " long as nothing of this one is deployed; if it is a copy by mistake, restore the"
            " object's former version, or delete it if the stack was never applied; if you"
            " replaced every resource of an own stack, first deploy it without resources. Then"
            " plan again (docs/runbooks/state.md)"
        )
        raise ForeignStateError(message)


def _why(stack: str, document: StackDocument, state: StateFile) -> str | None:
    values = [each.attributes for resource in state.managed for each in resource.instances]
    return (
        _other_tags(document, values)
        or (_other_regions(document, values) if _is_regional(stack, document) else None)
        or _other_resources(document, state)
    )


def _other_tags(document: StackDocument, values: Sequence[Mapping[str, Json]]) -> str | None:
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


def _other_regions(document: StackDocument, values: Sequence[Mapping[str, Json]]) -> str | None:
    own = {text(provider.get("region")) for provider in _providers(document)}
    # A resource of an own stack may name a region itself.
    own |= {
        region for each in _configured(document).values() if (region := text(each.get("region")))
    }
    others = {region for each in values if (region := text(each.get("region")))}
    if not others or not all(own) or own & others:
        return None
    return f"its resources are in {', '.join(map(plain, sorted(others)))}"


def _other_resources(document: StackDocument, state: StateFile) -> str | None:
    content, resources = document.content, state.managed
    configured = {*_configured(document), *(f"module.{name}" for name in content.get("module", {}))}
    former = {text(block.get("from")) for key in _MOVES for block in mappings(content.get(key))}
    stored = {_address(each) for each in resources}
    is_kept = bool(stored & (configured | former)) or bool(
        state.outputs.keys() & content.get("output", {})
    )
    # The stack of a leaving region has no resources, since all of them are to be destroyed.
    if not configured or is_kept or len(resources) < _FEWEST:
        return None
    first = plain(min(stored))
    return f"none of its {len(resources)} resources, such as {first}, is in the stack's cdk.tf.json"


def _address(resource: StateResource) -> str:
    """Return the address of a resource in a state, or of the outermost module that has it."""
    if resource.module:
        return ".".join(re.split(r"[.\[]", resource.module)[:2])
    return resource.address


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
