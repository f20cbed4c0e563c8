"""The first stage: what Terraform and the provider refuse before anything is planned."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.checking import check_config
from iot_dr.terraform.standin.schema import CtyType, SchemaBlock
from iot_dr.terraform.standin.services import behaviour_of
from iot_dr.terraform.standin.values import UNKNOWN, Value
from iot_dr.terraform_json.expression import literal, references
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence, texts_in
from tools.benchmarks.design_mutants.design import BaseDesign, Mutant

_ADDRESS: Final = re.compile(r"(data\.)?(\w+)\.(\w+)")
_OUTPUT: Final = re.compile(r"data\.terraform_remote_state\.(\w+)\.outputs\.(\w+)")
_NAMED_VALUES: Final = frozenset(
    ("count", "each", "local", "module", "path", "self", "terraform", "var")
)
# Arguments of functions that name a file of the stack's folder.
_FILE: Final = "filename"


def problems(design: BaseDesign, schema: SchemaCache, mutant: Mutant) -> Iterator[str]:
    """Yield what Terraform would report about the changed stacks, as far as the schema knows.

    That is: arguments and blocks that are missing, values that the provider refuses, references to
    what is not declared, outputs that the other stack does not have, and files that do not exist.
    """
    documents = design.mutated_documents(mutant)
    for edit in mutant.edits:
        body = documents[edit.stack][edit.kind][edit.type].get(edit.name)
        if body is None:
            continue
        block, behaviour = schema.block(edit.kind, edit.type), behaviour_of(edit.kind, edit.type)
        yield from _missing(block, body, "")
        for problem in check_config(block, behaviour, configuration(block, body)):
            yield f"{problem.summary}: {problem.detail}"
        file = body.get(_FILE)
        if file and not design.file(edit.stack, file).is_file():
            yield f"No such file: {file}"
    for name, document in documents.items():
        yield from _undeclared(design, document)
        for arn in _own_policies(design, document) - _own_policies(design, design.documents[name]):
            yield f"No such policy: {arn}"
        for arn in _declared_policies(design, design.documents[name]) - _declared_policies(
            design, document
        ):
            if any(arn in _own_policies(design, each) for each in design.documents.values()):
                yield f"No such policy: {arn}"


def configuration(
    block: SchemaBlock,
    body: Mapping[str, Json],
    unknown: Callable[[str], Value] = lambda _text: UNKNOWN,
) -> dict[str, Value]:
    """Return all arguments of a block, null where not set; `unknown` gives those of expressions."""
    config: dict[str, Value] = {
        name: _typed(attribute.type, body.get(name), unknown)
        for name, attribute in block.attributes.items()
    }
    for name, nested in block.blocks.items():
        members = [configuration(nested.block, each, unknown) for each in _blocks(body.get(name))]
        is_single = nested.nesting == "single"
        config[name] = (members[0] if members else None) if is_single else members
    return config


def _typed(type_: CtyType, value: Json, unknown: Callable[[str], Value]) -> Value:
    if isinstance(value, str):
        text = literal(value)
        if text is None:
            return unknown(value)
        return _number(text) if type_ == "number" else text
    if is_sequence(value):
        return [_typed(type_[1], member, unknown) for member in value]
    if is_mapping(value):
        return {key: _typed(type_[1], member, unknown) for key, member in value.items()}
    return value


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _missing(block: SchemaBlock, body: Mapping[str, Json], at: str) -> Iterator[str]:
    for name, attribute in block.attributes.items():
        if attribute.required and body.get(name) is None:
            yield f"Missing required argument: {at}{name}"
    for name, nested in block.blocks.items():
        members = _blocks(body.get(name))
        if len(members) < nested.min_items:
            yield f"Insufficient {at}{name} blocks: at least {nested.min_items}"
        for member in members:
            yield from _missing(nested.block, member, f"{at}{name}.")


def _blocks(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _undeclared(design: BaseDesign, document: Json) -> Iterator[str]:
    sections = [document.get(each, {}) for each in ("resource", "data", "output")]
    named = [reference for text in texts_in(sections) for reference in references(text)]
    for resources in document.get("resource", {}).values():
        for body in resources.values():
            named += body.get("depends_on", ())
    for reference in dict.fromkeys(named):
        match = _ADDRESS.match(reference)
        if match is None or match[2] in _NAMED_VALUES:
            continue
        kind = "data" if match[1] else "resource"
        if match[3] not in document.get(kind, {}).get(match[2], {}):
            yield f"Reference to undeclared resource: {reference}"
        elif (output := _OUTPUT.match(reference)) and not design.has_output(
            document, *output.groups()
        ):
            yield f"Unsupported attribute: no stack has the output of {reference}"


def _own_policies(design: BaseDesign, document: Json) -> set[str]:
    """Return the ARNs of policies of the environment's account in a document."""
    start = f"arn:aws:iam::{design.settings.account_id}:policy/"
    return {text for text in texts_in(document.get("resource", {})) if text.startswith(start)}


def _declared_policies(design: BaseDesign, document: Json) -> set[str]:
    """Return the ARNs of the policies that a document declares."""
    start = f"arn:aws:iam::{design.settings.account_id}:policy"
    policies = document.get("resource", {}).get("aws_iam_policy", {}).values()
    return {f"{start}{each.get('path') or '/'}{each.get('name')}" for each in policies}
