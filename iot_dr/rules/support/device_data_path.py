"""The path of device data, from AWS IoT's topic rules to the stores."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from iot_dr.design.table_copies import TableCopies
from iot_dr.rules.support.device_stores import (
    BUCKET,
    DELIVERY,
    FUNCTION,
    STREAM,
    TABLE,
    TOPIC,
    DeviceStores,
)
from iot_dr.rules.support.strings import strings
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import has_expression, texts
from iot_dr.terraform_json.policy_statements import statements
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

RULE_TYPE: Final = "aws_iot_topic_rule"
_KEPT_IN: Final = (TABLE, STREAM, DELIVERY, BUCKET)
# Arguments of a topic rule's actions, with the type that a bare name has. Error actions are not
# followed: their messages are for people.
_NAMED: Final = {
    ("dynamodb", "table_name"): TABLE,
    ("dynamodbv2", "table_name"): TABLE,
    ("kinesis", "stream_name"): STREAM,
    ("firehose", "delivery_stream_name"): DELIVERY,
    ("s3", "bucket_name"): BUCKET,
    ("lambda", "function_arn"): FUNCTION,
    ("sqs", "queue_url"): "",
    ("sns", "target_arn"): TOPIC,
}
# Resources that move data, with the arguments of source and target.
_CONSUMERS: Final = {
    "aws_lambda_event_source_mapping": ("event_source_arn", "function_name"),
    "aws_sns_topic_subscription": ("topic_arn", "endpoint"),
    "aws_pipes_pipe": ("source", "target"),
}
_ROLE: Final = "aws_iam_role"
_DOCUMENT: Final = "aws_iam_policy_document"
# Actions that write the caller's data (docs.aws.amazon.com/service-authorization/latest/reference).
_WRITES: Final = (
    *("dynamodb:putitem", "dynamodb:updateitem", "dynamodb:batchwriteitem"),
    *("dynamodb:partiqlinsert", "dynamodb:partiqlupdate"),
    *("kinesis:putrecord", "kinesis:putrecords"),
    *("firehose:putrecord", "firehose:putrecordbatch"),
    *("s3:putobject", "sqs:sendmessage", "sns:publish"),
)
_Key = tuple[str, str]


class DeviceDataPath:
    """The path of device data; `storage` pairs each store with the topic rule that leads to it."""

    def __init__(self, resources: ResourceSet) -> None:
        self.copies = TableCopies(resources)
        self.stores = DeviceStores(resources, self.copies)
        self._writes = _RoleGrants(resources, self.stores)
        self._onward: defaultdict[_Key, list[Resource]] = defaultdict(list)
        self._take_consumers(resources)
        self.storage: tuple[tuple[Resource, Resource], ...] = tuple(self._follow(resources))

    def actions(self, rule: Resource) -> Iterator[tuple[str, tuple[Resource, ...]]]:
        """Yield the block name of each action of a topic rule, with the stores it writes to."""
        for (name, argument), type_ in _NAMED.items():
            for path, text in strings(rule.values.get(name), name):
                if path.endswith(f".{argument}"):
                    yield name, self.stores.targets(rule, text, type_)

    def _follow(self, resources: ResourceSet) -> Iterator[tuple[Resource, Resource]]:
        # Sorted, so that findings do not depend on the order of the stacks.
        rules = sorted(resources.of_type(RULE_TYPE), key=_key)
        pending = [(each, each) for each in rules]
        seen = set[_Key]()
        for resource, rule in pending:
            if (key := _key(resource)) in seen:
                continue
            seen.add(key)
            if resource.type in _KEPT_IN:
                yield resource, rule
            onward = (each for each in self._next(resource) if _key(each) not in seen)
            pending += [(each, rule) for each in sorted(onward, key=_key)]

    def _next(self, resource: Resource) -> Iterator[Resource]:
        yield from self._onward.get(_key(resource), ())
        if resource.type == RULE_TYPE:
            for _, stores in self.actions(resource):
                yield from stores
        elif resource.type == FUNCTION:
            yield from self._writes.written(resource)
        elif resource.type == DELIVERY:
            for path, text in strings(resource.values):
                if path.endswith(".bucket_arn"):
                    yield from self.stores.targets(resource, text)

    def _take_consumers(self, resources: ResourceSet) -> None:
        for type_, (source, target) in _CONSUMERS.items():
            for consumer in resources.of_type(type_):
                to = self.stores.targets(consumer, consumer.values.get(target), FUNCTION)
                for store in self.stores.targets(consumer, consumer.values.get(source)):
                    self._onward[_key(store)] += to
        for consumer in resources.of_type(DELIVERY):
            for source in blocks(consumer.values, "kinesis_source_configuration"):
                for store in self.stores.targets(consumer, source.get("kinesis_stream_arn")):
                    self._onward[_key(store)].append(consumer)


def _key(resource: Resource) -> _Key:
    return resource.stack, resource.address


class _Grant(NamedTuple):
    """A permission of a statement: whether it allows writing, None if unknown, and on what."""

    owner: Resource
    is_write: bool | None
    on: str


class _RoleGrants:
    """The permissions of the roles of a set."""

    def __init__(self, resources: ResourceSet, stores: DeviceStores) -> None:
        self._resources = resources
        self._stores = stores
        self._grants: defaultdict[tuple[str, str], list[_Grant]] = defaultdict(list)
        self._of_role: dict[tuple[str, str], tuple[Resource, ...] | None] = {}
        for role in resources.of_type(_ROLE):
            for inline in blocks(role.values, "inline_policy"):
                self._take(role, role, inline.get("policy"))
        for policy in resources.of_type("aws_iam_role_policy"):
            for role in self._roles(policy):
                self._take(role, policy, policy.values.get("policy"))
        for attachment in resources.of_type("aws_iam_role_policy_attachment"):
            policy = resources.referenced(attachment, attachment.values.get("policy_arn"))
            if policy is not None:
                for role in self._roles(attachment):
                    self._take(role, policy, policy.values.get("policy"))

    def written(self, function: Resource) -> Iterator[Resource]:
        """Yield the stores a function may write; if unknown, those that its variables name."""
        role = self._resources.referenced(function, function.values.get("role"), _ROLE)
        granted = self._granted(role) if role else None
        if granted is not None:
            yield from granted
            return
        for environment in blocks(function.values, "environment"):
            for _, text in strings(environment.get("variables")):
                yield from self._stores.targets(function, text)

    def _granted(self, role: Resource) -> tuple[Resource, ...] | None:
        """Return the stores of the set that a role may write, None if unknown.

        They are known if a permission is on a store of the set, or every permission to write names
        ARNs.
        """
        key = (role.stack, role.address)
        if key not in self._of_role:
            rights = self._grants.get(key, ())
            grants = [(each, self._stores.targets(each.owner, each.on)) for each in rights]
            writes = [(each, stores) for each, stores in grants if each.is_write is not False]
            written = {
                (store.stack, store.address): store for _, stores in writes for store in stores
            }
            named = [self._stores.is_named(each.owner, each.on) for each, _ in writes]
            is_known = any(stores for _, stores in grants) or (bool(named) and all(named))
            self._of_role[key] = tuple(written.values()) if is_known else None
        return self._of_role[key]

    def _roles(self, policy: Resource) -> Iterator[Resource]:
        role = self._resources.referenced(policy, policy.values.get("role"), _ROLE)
        if role is not None:
            yield role

    def _take(self, role: Resource, owner: Resource, policy: object) -> None:
        self._grants[role.stack, role.address] += self._in_policy(owner, policy)

    def _in_policy(self, owner: Resource, policy: object) -> Iterator[_Grant]:
        if not isinstance(policy, str):
            return
        if (policy_statements := statements(policy)) is not None:
            for statement in policy_statements:
                yield from _grants(owner, statement, ("Effect", "Action", "Resource"))
            return
        for document in self._resources.candidates(owner, policy):
            if document.mode == "data" and document.type == _DOCUMENT:
                for statement in blocks(document.values, "statement"):
                    yield from _grants(document, statement, ("effect", "actions", "resources"))
        if has_expression(policy):
            # Only the references in `jsonencode(...)` are known: any store in it may be written.
            yield _Grant(owner, None, policy)


def _grants(
    owner: Resource, statement: Mapping[str, object], keys: tuple[str, str, str]
) -> Iterator[_Grant]:
    effect, actions, on = (statement.get(key) for key in keys)
    if effect not in ("Allow", None):
        return
    is_write = any(_allows_write(action.lower()) for action in texts(actions))
    for resource in texts(on):
        yield _Grant(owner, is_write, resource)


def _allows_write(action: str) -> bool:
    return any(fnmatchcase(each, action) for each in _WRITES)
