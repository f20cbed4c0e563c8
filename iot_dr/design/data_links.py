"""Links of the path of device data: what is declared of each, and why data stops there."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from iot_dr.design.permissions import arn_of, role_grants, trusts
from iot_dr.design.policy import ApiCall, Grants
from iot_dr.terraform_json.argument import resolved_template
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import has_expression, literal, texts
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.policy_document import REQUESTED_REGION
from modules.stream_delays import STREAM_KEY

QUEUE: Final = "aws_sqs_queue"
STREAM: Final = "aws_kinesis_stream"
TABLE: Final = "aws_dynamodb_table"
_PLACE: Final = re.compile(
    r"(?:arn:[\w-]+:(?:sqs|kinesis|dynamodb):|https://sqs\.)([\w-]+)"
    r"(?::\d*:(?:table/|stream/)?|[\w.]+/\d+/)([\w.-]+)"
)
_NOTHING: Final[Mapping[str, Json]] = {}
# The kind of what an action such as `iot:UpdateCertificate` concerns.
_OF_KIND: Final = re.compile(r"iot:(?:Describe|Create|Update|Delete)([A-Z]\w+?)(?:Version)?")


class Link(NamedTuple):
    """A broken link, or one of which that is not known; a sentence without a dot."""

    problem: str
    resource: Resource | None = None
    is_known: bool = True


def at(resource: Resource, problem: str, *, is_known: bool = True) -> Link:
    """Return a broken link at a resource, whose address the problem follows."""
    return Link(f"{resource.address} {problem}", resource, is_known)


class DataStore(NamedTuple):
    """A queue, stream or table: its region, None if unknown, and its name."""

    region: str | None
    name: str

    def arn(self, type_: str) -> str:
        """Return its ARN, without an account."""
        return arn_of(type_, self.region, self.name)


class Assumer(NamedTuple):
    """A service's resource, by its ARN, that assumes a role, and its account, empty if unknown."""

    arn: str
    account: str


class Wanted(NamedTuple):
    """An argument, in a block or in none, with the values that pass data on, and its default."""

    block: str
    argument: str
    values: tuple[str, ...] = ("true",)
    default: str = "true"


ENABLED: Final = (Wanted("", "enabled"),)


def place_of(resources: ResourceSet, owner: Resource, value: Json, type_: str) -> DataStore | None:
    """Return the store that a name, an ARN, a URL or a reference means; None if not known."""
    text = literal(resources.resolve(owner, value))
    if text and (match := _PLACE.match(text)):
        return DataStore(match[1], match[2])
    if resource := resources.referenced(owner, value, type_):
        return declared_store(resources, resource, owner.region)
    return DataStore(owner.region, text) if text and "/" not in text else None


def declared_store(
    resources: ResourceSet, resource: Resource, region: str | None = None
) -> DataStore:
    """Return the region and name of a queue, stream or table."""
    name = resource.values.get("name")
    known = resolved_template(resources, resource, name) if name else resource.id
    return DataStore(resource.region or region, known)


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
                yield at(owner, f"has {path} {text or 'not set'}, expected {' or '.join(values)}")


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


def role_links(
    resources: ResourceSet,
    owner: Resource,
    role: Json,
    assumer: Assumer,
    calls: Iterable[tuple[str, str]],
) -> Iterator[Link]:
    """Yield why a service cannot do what a resource wants of a role."""
    service = assumer.arn.split(":")[2]
    declared = resources.referenced(owner, role, "aws_iam_role")
    if declared is None:
        return
    account = assumer.account
    context = {"aws:SourceArn": assumer.arn} | ({"aws:SourceAccount": account} if account else {})
    if trusts(resources, declared, service, context) is False:
        yield Link(
            f"the trust policy of {declared.address} does not let {service} assume it", owner
        )
    of_calls = call_context(owner, account)
    for action in refused_calls(role_grants(resources, declared), of_calls, calls):
        yield at(owner, f"may not do {action}: its role does not allow it")


def call_context(owner: Resource, account: str) -> dict[str, str]:
    """Return the condition keys of what a resource calls in its region and account, if known."""
    known = {"aws:ResourceAccount": account} if account else {}
    return {REQUESTED_REGION: str(owner.region), **known}


def key_calls(
    resources: ResourceSet, stream: Resource | None, action: str
) -> Iterator[tuple[str, str]]:
    """Yield the call on a customer's key of a stream without a declared policy.

    Which key an alias names is not known: a statement about any key may be about this one. By
    default the provider encrypts nothing, and ignores the key:
    docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html.
    """
    if stream is None or str(stream.values.get("encryption_type")).upper() == "NONE":
        return
    value = stream.values.get("kms_key_id")
    key = resources.referenced(stream, value, "aws_kms_key")
    text = resolved_template(resources, stream, value or STREAM_KEY)
    is_own = not (has_expression(text) or text.endswith(STREAM_KEY))
    if not key.values.get("policy") if key else is_own:
        yield action, f"arn:aws:kms:{stream.region}::key/${{key}}"


def refused_calls(
    allowed: Grants, context: Mapping[str, str], calls: Iterable[tuple[str, str]]
) -> Iterator[str]:
    """Yield the actions that policies do not allow on a resource."""
    for action, resource in calls:
        if allowed.access(ApiCall(action, resource, context)) == "denied":
            yield action


def refused_statements(
    allowed: Grants, context: Mapping[str, str], wanted: Iterable[Mapping[str, Json]]
) -> Iterator[str]:
    """Yield the actions of statements on the registry that policies do not allow.

    An action is on the kind of entity in its name; for any other one kind is enough.
    """
    for statement in wanted:
        arns = [each.replace("/*", "/x") for each in texts(statement["Resource"])]
        for action in texts(statement["Action"]):
            match = _OF_KIND.fullmatch(action)
            kind = match[1].lower().replace("certificate", "cert") if match else ""
            own = [each for each in arns if f":{kind}/" in each] or arns
            if all(any(refused_calls(allowed, context, [(action, arn)])) for arn in own):
                yield action
