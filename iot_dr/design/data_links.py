"""Links of the path of device data: what is declared of each, and why data stops there."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from iot_dr.design.policy import Call, Grants
from iot_dr.terraform_json.argument import resolved_template
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import has_expression, literal, texts
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.policy_statements import statements
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.policy_document import REQUESTED_REGION

QUEUE: Final = "aws_sqs_queue"
TABLE: Final = "aws_dynamodb_table"
_PLACE: Final = re.compile(
    r"(?:arn:[\w-]+:(?:sqs|kinesis|dynamodb):|https://sqs\.)([\w-]+)"
    r"(?::\d*:(?:table/|stream/)?|[\w.]+/\d+/)([\w.-]+)"
)
_NOTHING: Final[Mapping[str, Json]] = {}
# The kind of what an action such as `iot:UpdateCertificate` concerns.
_OF_KIND: Final = re.compile(r"iot:(?:Describe|Create|Update|Delete)([A-Z]\w+?)(?:Version)?")
_KINDS: Final = {
    "Thing": "thing",
    "ThingGroup": "thinggroup",
    "ThingType": "thingtype",
    "Certificate": "cert",
    "CACertificate": "cacert",
    "Policy": "policy",
}


class Link(NamedTuple):
    """A broken link, or one of which that is not known; a sentence without a dot."""

    problem: str
    resource: Resource | None = None
    is_known: bool = True


class Place(NamedTuple):
    """A queue, stream or table: its region, None if unknown, and its name."""

    region: str | None
    name: str

    def arn(self, service: str) -> str:
        """Return its ARN, without an account."""
        return f"arn:aws:{service}:{self.region}::{self.name}"


class Wanted(NamedTuple):
    """An argument, in a block or in none, with the values that pass data on, and its default."""

    block: str
    argument: str
    values: tuple[str, ...] = ("true",)
    default: str = "true"


def place_of(resources: ResourceSet, owner: Resource, value: Json, type_: str) -> Place | None:
    """Return the place of a name, an ARN, a URL or a reference, None if it is not known."""
    text = literal(resources.resolve(owner, value))
    if text and (match := _PLACE.match(text)):
        return Place(match[1], match[2])
    if resource := resources.referenced(owner, value, type_):
        return declared_place(resources, resource, owner.region)
    return Place(owner.region, text) if text and "/" not in text else None


def declared_place(resources: ResourceSet, resource: Resource, region: str | None = None) -> Place:
    """Return the place of a queue, stream or table."""
    name = resource.values.get("name")
    known = resolved_template(resources, resource, name) if name else resource.id
    return Place(resource.region or region, known)


def argument_links(
    resources: ResourceSet, owner: Resource, wanted: Iterable[Wanted]
) -> Iterator[Link]:
    """Yield the arguments with which a resource does not pass data on, or which are not known."""
    for block, argument, values, default in wanted:
        inside = blocks(owner.values, block) if block else (owner.values,)
        is_required = block != "replica"
        for given in inside or ((_NOTHING,) if is_required else ()):
            path = f"{block}.{argument}".lstrip(".")
            text = known_text(resources, owner, given.get(argument), default)
            if text is None or (argument not in given and (block or argument) in owner.inferred):
                yield Link(f"what {path} of {owner.address} is", owner, is_known=False)
            elif text.lower() not in map(str.lower, values):
                expected = f"expected {' or '.join(values)}"
                yield Link(f"{owner.address} has {path} {text or 'not set'}, {expected}", owner)


def known_text(
    resources: ResourceSet, owner: Resource, value: Json, default: str = ""
) -> str | None:
    """Return a value as text, None if it is not known."""
    text = str(resources.resolve(owner, default if value is None else value))
    text = text.lower() if isinstance(value, bool) else text
    return None if has_expression(text) or "/aws_" in text else text


def best(options: Iterable[Iterable[Link]], missing: Link) -> list[Link]:
    """Return the links of an option that works, else of one that may, else of any; or `missing`."""
    paths = [list(option) for option in options] or [[missing]]

    def rank(path: list[Link]) -> int:
        return 2 if any(link.is_known for link in path) else bool(path)

    return min(paths, key=rank)


def refused_calls(
    allowed: Grants, region: str | None, calls: Iterable[tuple[str, str]]
) -> Iterator[str]:
    """Yield the actions that policies do not allow on a resource."""
    for action, resource in calls:
        if allowed.access(Call(action, resource, {REQUESTED_REGION: str(region)})) == "denied":
            yield action


def refused_statements(
    allowed: Grants, region: str | None, wanted: Iterable[Mapping[str, Json]]
) -> Iterator[str]:
    """Yield the actions of statements on the registry that policies do not allow.

    An action is on the kind of entity in its name; for any other one kind is enough.
    """
    for statement in wanted:
        arns = [each.replace("/*", "/x") for each in texts(statement["Resource"])]
        for action in texts(statement["Action"]):
            match = _OF_KIND.fullmatch(action)
            kind = _KINDS.get(match[1]) if match else None
            own = [each for each in arns if kind and f":{kind}/" in each] or arns
            if all(any(refused_calls(allowed, region, [(action, arn)])) for arn in own):
                yield action


def is_refused(
    resources: ResourceSet, queue: Resource, place: Place, sender: Mapping[str, str] | None
) -> bool:
    """Whether a queue's policy keeps a role from sending, or a service for a source if `sender`.

    A role needs no statement that allows it: docs.aws.amazon.com/IAM/latest/UserGuide/
    reference_policies_evaluation-logic.html.
    """
    policy = statements(str(resources.resolve(queue, queue.values.get("policy"))))
    if policy is None:
        is_open = "policy" in queue.inferred or any(resources.of_type("aws_sqs_queue_policy"))
        return sender is not None and not is_open and queue.change is None
    service, source = (*sender.items(), ("", ""))[0] if sender else ("", "")
    about = [
        {key: value for key, value in statement.items() if key != "Principal"}
        for statement in policy
        if statement.get("Principal") == "*"
        or {"*", service} & set(texts(mapping(statement.get("Principal")).get("Service")))
    ]
    own = () if sender else ({"Effect": "Allow", "Action": "*", "Resource": "*"},)
    context = {"aws:SecureTransport": "true", "aws:SourceArn": source}
    call = Call("sqs:SendMessage", place.arn("sqs"), context)
    return Grants(((*own, *about),)).access(call) == "denied"
