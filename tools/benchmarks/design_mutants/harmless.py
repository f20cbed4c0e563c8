"""Changes of a design that AWS does not notice, or that no device does: none may be blocked."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.proofs import proofs
from iot_dr.rules.engine import judge
from iot_dr.rules.support.regional_stack import without_region
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.schema import Attribute
from iot_dr.terraform.standin.services import behaviour_of
from iot_dr.terraform_json.expression import has_expression, references
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence
from iot_dr.terraform_json.resource import Resource
from tools.benchmarks.design_mutants.design import BaseDesign
from tools.benchmarks.design_mutants.normal_form import AWS_DEFAULTS
from tools.benchmarks.design_mutants.stages import Decision, Result, blocked, disproved, warnings

_LABELS: Final = ("description", "alarm_description", "comment")
_NAMES: Final = ("fqdn", "name", "records")
# Such a check has no arguments of an endpoint.
_CALCULATED: Final = "CALCULATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmless:
    """A change of one stack's document that means the same."""

    kind: str
    place: str
    stack: str
    document: Json


def harmless_changes(design: BaseDesign, schema: SchemaCache) -> Iterator[Harmless]:
    """Yield each kind of change once for each type and argument of a stack, in its first region."""
    seen = set[tuple[str, ...]]()
    for resource in sorted(_managed(design), key=lambda each: each.id):
        document = design.documents[resource.stack]
        body = document["resource"][resource.type][resource.name]
        family = without_region(resource.stack)
        for kind, argument, value in _of_arguments(design, schema, resource, body):
            if (class_ := (kind, resource.type, argument, family)) not in seen:
                seen.add(class_)
                changed = {**body, argument: value}
                yield _changed(kind, argument, resource, _with(document, resource, changed))
        for kind, of_document in _OF_RESOURCES.items():
            if (class_ := (kind, resource.type, family)) not in seen:
                seen.add(class_)
                yield _changed(kind, "", resource, of_document(document, resource))


def judged(design: BaseDesign, change: Harmless) -> Decision:
    """Return what rules and proof say of a harmless change, and did not say of the design.

    A design that is not proved any more counts as warned of.
    """
    expected = design_expectation(design.settings)
    resources = design.with_documents({change.stack: change.document})
    judgement = judge(resources, expected, expected.accepted_rules)
    proved = proofs(resources, expected)
    said = [
        *(each for each in warnings(judgement) if each not in _warned_before(design)),
        *(("prover", f"not proved: {each.unknown}") for each in proved if not each.is_proved),
    ]
    warned = Decision(Result.WARNED, *said[0]) if said else Decision(Result.SILENT, "", "")
    return blocked(judgement) or disproved(proved) or warned


@cache
def _warned_before(design: BaseDesign) -> frozenset[tuple[str, str]]:
    expected = design_expectation(design.settings)
    return frozenset(warnings(judge(design.resources, expected, expected.accepted_rules)))


def _managed(design: BaseDesign) -> Iterator[Resource]:
    for stack in design.resources.stacks:
        for resource in stack.resources:
            if resource.mode == "managed" and resource.type.startswith("aws_"):
                yield resource


def _changed(kind: str, argument: str, resource: Resource, document: Json) -> Harmless:
    place = f"{resource.stack}/{resource.address}{argument and f'.{argument}'}"
    return Harmless(kind=kind, place=place, stack=resource.stack, document=document)


def _with(document: Json, resource: Resource, body: Json) -> Json:
    named = {**document["resource"][resource.type], resource.name: body}
    return {**document, "resource": {**document["resource"], resource.type: named}}


def _of_arguments(
    design: BaseDesign, schema: SchemaCache, resource: Resource, body: Mapping[str, Json]
) -> Iterator[tuple[str, str, Json]]:
    """Yield kinds of change, each with the argument and its changed value."""
    block, behaviour = (
        schema.block("resource", resource.type),
        behaviour_of("resource", resource.type),
    )
    for argument, value in body.items():
        if isinstance(value, str) and value.startswith("{"):
            yield from ((kind, argument, text) for kind, text in _of_json(json.loads(value)))
        attribute = block.attributes.get(argument)
        yield from ((kind, argument, other) for kind, other in _of_value(attribute, value))
        literal = _with_literals(design, resource, value)
        if literal != value:
            yield "a literal in place of a reference", argument, literal
    for path, default in {**behaviour.defaults, **AWS_DEFAULTS.get(resource.type, {})}.items():
        is_unset = path in block.attributes and path not in body and default is not None
        if is_unset and body.get("type") != _CALCULATED:
            yield "a default written out", path, default
    if "tags" in block.attributes:
        yield "another tag", "tags", {**body.get("tags", {}), "Owner": "somebody"}
    for argument in _LABELS:
        if argument in block.attributes and not block.attributes[argument].computed:
            yield "another description", argument, "something else"
    yield from _of_names(resource, body)


def _of_value(attribute: Attribute | None, value: Json) -> Iterator[tuple[str, Json]]:
    """Yield what Terraform converts to the same value."""
    if isinstance(value, bool):
        yield "a flag as text", str(value).lower()
    elif attribute and is_sequence(value) and attribute.type[0] == "set" and len(value) > 1:
        yield "members of a set in another order", value[::-1]
    elif attribute and attribute.type == "number" and isinstance(value, int):
        yield "a number as text", str(value)


def _of_names(resource: Resource, body: Mapping[str, Json]) -> Iterator[tuple[str, str, Json]]:
    if resource.type == "aws_route53_record" and body.get("ttl"):
        yield "the TTL of one record", "ttl", body["ttl"] + 10
        yield "a shorter TTL of one record", "ttl", body["ttl"] // 2
    if not resource.type.startswith("aws_route53_"):
        return
    for argument in _NAMES:
        value = body.get(argument)
        for kind, change in (("capitals in a name", str.upper), ("a final dot", "{}.".format)):
            texts = value if is_sequence(value) else [value]
            if all(isinstance(each, str) and not has_expression(each) for each in texts):
                changed = [change(each) for each in texts]
                yield kind, argument, changed if is_sequence(value) else changed[0]


def _of_json(document: Json) -> Iterator[tuple[str, str]]:
    yield "spaces and order of keys in JSON", json.dumps(_reversed_keys(document), indent=2)
    statements = document.get("Statement", ())
    if len(statements) > 1:
        yield "statements in another order", json.dumps({**document, "Statement": statements[::-1]})
    if statements:
        for kind, change in _OF_STATEMENTS.items():
            changed = [change(each) for each in statements]
            if changed != statements:
                yield kind, json.dumps({**document, "Statement": changed})
        if len(statements) == 1:
            yield "a statement without a list", json.dumps({**document, "Statement": statements[0]})


def _reversed_keys(value: Json) -> Json:
    if is_mapping(value):
        return {key: _reversed_keys(value[key]) for key in reversed(value)}
    return [_reversed_keys(each) for each in value] if is_sequence(value) else value


def _each_list(change: Callable[[Json], Json]) -> Callable[[Json], Json]:
    def changed(statement: Json) -> Json:
        names = ("Action", "Resource")
        return {key: change(each) if key in names else each for key, each in statement.items()}

    return changed


_OF_STATEMENTS: Final[Mapping[str, Callable[[Json], Json]]] = {
    "actions and resources in another order": _each_list(
        lambda value: value[::-1] if is_sequence(value) else value
    ),
    "one value or a list of one": _each_list(
        lambda value: (value[0] if len(value) == 1 else value) if is_sequence(value) else [value]
    ),
    "another label of a statement": lambda statement: {**statement, "Sid": "Other"},
    "capitals of an action": lambda statement: {
        key: _upper(value) if key == "Action" else value for key, value in statement.items()
    },
}


def _upper(actions: Json) -> Json:
    if is_sequence(actions):
        return [_upper(each) for each in actions]
    service, _, name = actions.partition(":")
    return f"{service}:{name[:1].lower()}{name[1:]}"


def _with_literals(design: BaseDesign, resource: Resource, value: Json) -> Json:
    """Return a value with the names and ARNs of resources of its stack in place of references."""
    if is_sequence(value):
        return [_with_literals(design, resource, each) for each in value]
    if not isinstance(value, str) or value.startswith("{"):
        return value
    for reference in references(value):
        referred = design.resources.referenced(resource, f"${{{reference}}}")
        attribute = reference.rpartition(".")[2]
        text = ""
        if referred and referred.mode == "managed":
            text = _arn(design, referred) if attribute == "arn" else ""
            text = text or str(design.resources.resolve(resource, f"${{{reference}}}"))
        if text and not has_expression(text) and "/aws_" not in text:
            value = value.replace(f"${{{reference}}}", text)
    return value


_ARNS: Final = {
    "aws_iam_role": ("name", "arn:aws:iam::{account}:role/{name}"),
    "aws_sqs_queue": ("name", "arn:aws:sqs:{region}:{account}:{name}"),
    "aws_sns_topic": ("name", "arn:aws:sns:{region}:{account}:{name}"),
    "aws_kinesis_stream": ("name", "arn:aws:kinesis:{region}:{account}:stream/{name}"),
    "aws_lambda_function": ("function_name", "arn:aws:lambda:{region}:{account}:function:{name}"),
}


def _arn(design: BaseDesign, resource: Resource) -> str:
    argument, form = _ARNS.get(resource.type, ("", ""))
    name = design.resources.resolve(resource, resource.values.get(argument))
    return form.format(name=name, region=resource.region, account=design.settings.account_id)


def _renamed(document: Json, resource: Resource) -> Json:
    other = f"{resource.name}_other"
    text = json.dumps(document)
    address = re.escape(f"{resource.type}.{resource.name}")
    changed: Json = json.loads(re.sub(rf"\b{address}\b", f"{resource.type}.{other}", text))
    named = changed["resource"][resource.type]
    named[other] = named.pop(resource.name)
    return changed


def _with_key(document: Json, resource: Resource) -> Json:
    address = re.escape(f"{resource.type}.{resource.name}")
    key = '[\\"only\\"]'
    # Not in `depends_on`, which names whole resources.
    text = re.sub(
        rf"\b{address}(?=\.)", lambda match: f"{match.group()}{key}", json.dumps(document)
    )
    changed: Json = json.loads(text)
    changed["resource"][resource.type][resource.name]["for_each"] = {"only": "value"}
    return changed


_OF_RESOURCES: Final[Mapping[str, Callable[[Json, Resource], Json]]] = {
    "another logical id": _renamed,
    "a key of for_each": _with_key,
}
