"""What a function may write, by the policies of its role."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from iot_dr.rules.support.device_stores import DeviceStores
from iot_dr.rules.support.policy_statements import statements
from iot_dr.rules.support.strings import strings
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import has_expression, texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ROLE: Final = "aws_iam_role"
_DOCUMENT: Final = "aws_iam_policy_document"
# docs.aws.amazon.com/service-authorization/latest/reference: what puts data of a caller's there.
_WRITES: Final = (
    *("dynamodb:putitem", "dynamodb:updateitem", "dynamodb:batchwriteitem"),
    *("dynamodb:partiqlinsert", "dynamodb:partiqlupdate"),
    *("kinesis:putrecord", "kinesis:putrecords"),
    *("firehose:putrecord", "firehose:putrecordbatch"),
    *("s3:putobject", "sqs:sendmessage", "sns:publish"),
)


class _Right(NamedTuple):
    """Whether a statement allows to write, None where that is not known, and to what."""

    owner: Resource
    is_write: bool | None
    on: str


class FunctionWrites:
    """The rights of the roles of a set."""

    def __init__(self, resources: ResourceSet, stores: DeviceStores) -> None:
        self._resources = resources
        self._stores = stores
        self._rights: defaultdict[tuple[str, str], list[_Right]] = defaultdict(list)
        self._of_role: dict[tuple[str, str], tuple[Resource, ...] | None] = {}
        for role in resources.of_type(_ROLE):
            for inline in blocks(role.values, "inline_policy"):
                self._take(role, role, inline.get("policy"))
        for policy in resources.of_type("aws_iam_role_policy"):
            for role in self._roles(policy):
                self._take(role, policy, policy.values.get("policy"))
        for attachment in resources.of_type("aws_iam_role_policy_attachment"):
            policy = resources.referred(attachment, attachment.values.get("policy_arn"))
            if policy is not None:
                for role in self._roles(attachment):
                    self._take(role, policy, policy.values.get("policy"))

    def written(self, function: Resource) -> Iterator[Resource]:
        """Yield what a function may write; what its variables name, where that is not known."""
        role = self._resources.referred(function, function.values.get("role"))
        granted = self._granted(role) if role else None
        if granted is not None:
            yield from granted
            return
        for environment in blocks(function.values, "environment"):
            for _, text in strings(environment.get("variables")):
                yield from self._stores.found(function, text)

    def _granted(self, role: Resource) -> tuple[Resource, ...] | None:
        """Give what a role may write, None where it has no right on anything that is known."""
        key = (role.stack, role.address)
        if key not in self._of_role:
            rights = self._rights.get(key, ())
            found = [(each, self._stores.found(each.owner, each.on)) for each in rights]
            writes = [(each, stores) for each, stores in found if each.is_write is not False]
            written = {
                (store.stack, store.address): store for _, stores in writes for store in stores
            }
            named = [self._stores.is_named(each.owner, each.on) for each, _ in writes]
            is_known = any(stores for _, stores in found) or (bool(named) and all(named))
            self._of_role[key] = tuple(written.values()) if is_known else None
        return self._of_role[key]

    def _roles(self, policy: Resource) -> Iterator[Resource]:
        role = self._resources.referred(policy, policy.values.get("role"))
        if role is not None and role.type == _ROLE:
            yield role

    def _take(self, role: Resource, owner: Resource, policy: object) -> None:
        self._rights[role.stack, role.address] += self._in_policy(owner, policy)

    def _in_policy(self, owner: Resource, policy: object) -> Iterator[_Right]:
        if not isinstance(policy, str):
            return
        if (found := statements(policy)) is not None:
            for each in found:
                yield from _rights(owner, each, ("Effect", "Action", "Resource"))
            return
        for document in self._resources.candidates(owner, policy):
            if document.mode == "data" and document.type == _DOCUMENT:
                for each in blocks(document.values, "statement"):
                    yield from _rights(document, each, ("effect", "actions", "resources"))
        if has_expression(policy):
            # Of `jsonencode(...)` only the references are known: who names a store may write it.
            yield _Right(owner, None, policy)


def _rights(
    owner: Resource, statement: Mapping[str, object], keys: tuple[str, str, str]
) -> Iterator[_Right]:
    effect, actions, on = (statement.get(key) for key in keys)
    if effect not in ("Allow", None):
        return
    is_write = any(_allows_write(action.lower()) for action in texts(actions))
    for each in texts(on):
        yield _Right(owner, is_write, each)


def _allows_write(action: str) -> bool:
    return any(fnmatchcase(each, action) for each in _WRITES)
