"""Terraform's JSON in any of its forms."""

from collections.abc import Mapping

from iot_dr.common.plain_text import plain
from iot_dr.common.terraform_binary import program
from iot_dr.terraform_json.configuration import is_configuration, odd_block, read_configuration
from iot_dr.terraform_json.json_file import show_plan
from iot_dr.terraform_json.json_value import Json, is_mapping, mapping
from iot_dr.terraform_json.plan.reader import is_plan, read_plan
from iot_dr.terraform_json.stack_resources import StackResources
from iot_dr.terraform_json.state import is_state, read_state
from iot_dr.terraform_json.strict_json import RefusedJsonError, members, parsed


class NotTerraformError(RefusedJsonError):
    """A JSON document is not Terraform's; the message says what it may be."""


def stack_resources(name: str, content: bytes) -> StackResources:
    """Read the JSON of a configuration, a plan or a state as the stack `name`.

    Raises NotTerraformError for other JSON, RefusedJsonError for content that is not valid JSON.
    """
    if content.lstrip().startswith(b"{"):
        top = members(content, "the document")
        if is_plan(top):
            _refuse_newer(parsed(top["format_version"]))
            return read_plan(top).resources(name)
    return parsed_resources(name, parsed(content))


def parsed_resources(name: str, document: Json) -> StackResources:
    """Read a configuration or a state as the stack `name`; NotTerraformError for other JSON."""
    if is_mapping(document) and is_state(document):
        _refuse_newer(document["format_version"])
        return read_state(name, document)
    if is_configuration(document):
        if place := odd_block(document):
            raise NotTerraformError(f"{plain(place)}: must be an object or a list of objects")
        return read_configuration(name, document)
    raise NotTerraformError(unknown_format_message(mapping(document)))


def _refuse_newer(version: Json) -> None:
    if str(version).partition(".")[0] not in {"0", "1"}:
        message = (
            f"format_version: {str(version)[:20]} is not supported; expected 0.x or 1.x, written by"
            " Terraform 1.5 to 1.15"
        )
        raise NotTerraformError(message)


def unknown_format_message(top: Mapping[str, object]) -> str:
    """Return a message about an object that is not Terraform's, guessed from its keys."""
    if {"lineage", "serial"} <= top.keys():
        return f"is a raw state file; convert it: {program()} show -json > state.json"
    if "stacks" in top and "version" in top:
        return "is CDKTF's manifest; pass its folder, or a stack's cdk.tf.json"
    if "@level" in top:
        return f"is Terraform's log; convert the plan: {show_plan()}"
    return (
        "is JSON, but not Terraform's; expected configuration (resource, data, provider ...), or"
        " the output of `terraform show -json` for a plan or a state"
    )
