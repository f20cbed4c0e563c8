"""The resources of a stack as IAM can name them, from the stack's Terraform JSON."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from modules.permissions.catalogue import CATALOGUE, name_attribute
from modules.permissions.permission import PIPELINE_TAGS
from stacks.permissions.policy_names import PATH

Document = Mapping[str, Any]
"""A stack's Terraform JSON."""

_REFERENCE: Final = re.compile(r"\$\{(?:(data)\.)?(aws_\w+)\.(\w+)\.\w+\}")
_ANY_REFERENCE: Final = re.compile(r"\$\{[^}]+\}")
_VALIDATED: Final = re.compile(r"aws_acm_certificate\.(\w+)\.domain_validation_options")


class UnknownPermissionError(ValueError):
    """A resource that no role of a pipeline could be allowed to deploy."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Resources of one type in some regions; `names` may be patterns.

    `kinds` are the services that may take a role on, or the types of records; `path` is that of
    roles and policies, `zone` the id of a hosted zone if the stack names it; `is_part` is for a
    pipeline's own key, `is_only_read` for a data source, `is_disposable` for a bucket that may be
    deleted with its objects.
    """

    type: str
    regions: tuple[str, ...]
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    path: str = "/"
    zone: str | None = None
    is_part: bool = False
    is_only_read: bool = False
    is_disposable: bool = False


def stack_resources(stack: str, document: Document) -> Iterator[Resource]:
    """Return the resources and data sources of a stack, each by itself.

    Raises UnknownPermissionError for a type that the catalogue lacks, or a name that is not in the
    stack.
    """
    for kind in ("resource", "data"):
        for type_, blocks in document.get(kind, {}).items():
            # What is not AWS's is Terraform's own, and calls nobody.
            for logical_id in blocks if type_.startswith("aws_") else ():
                yield from _Block(stack, document, kind, type_, logical_id).resources()


@dataclass(frozen=True)
class RolePolicy:
    """What a policy allows a role of a stack, its references replaced by ARNs."""

    role: str
    allowed: tuple[Mapping[str, Any], ...]


def role_policies(account_id: str, stack: str, document: Document) -> Iterator[RolePolicy]:
    """Return the policies of a stack's roles, without those of pipelines."""
    for logical_id, body in document.get("resource", {}).get("aws_iam_role_policy", {}).items():
        block = _Block(stack, document, "resource", "aws_iam_role_policy", logical_id)
        if block.role().body.get("path") == PATH:
            continue
        statements = (
            {**each, "Action": _listed(each["Action"]), "Resource": _listed(each["Resource"])}
            for each in json.loads(block.with_arns(account_id, body["policy"]))["Statement"]
            if each["Effect"] == "Allow"
        )
        yield RolePolicy(role=block.name(), allowed=tuple(statements))


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True)
class _Block:
    """A block of a document, and what it refers to there."""

    stack: str
    document: Document
    kind: str
    type: str
    logical_id: str

    @property
    def body(self) -> Mapping[str, Any]:
        return self.document[self.kind][self.type][self.logical_id]

    def resources(self) -> Iterator[Resource]:
        if self.type not in CATALOGUE:
            raise self._unknown("a type in modules/permissions, which says what Terraform calls")
        of = self.role() if self.type.startswith("aws_iam_role") else self
        yield Resource(
            type=self.type,
            regions=(self.region,),
            names=self._names(),
            kinds=of.kinds(),
            path=of.body.get("path", "/"),
            zone=self._literal("zone_id"),
            is_part=PIPELINE_TAGS.items() <= self.body.get("tags", {}).items(),
            is_only_read=self.kind == "data",
            is_disposable=self.body.get("force_destroy", False),
        )
        for replica in self.body.get("replica", ()):
            yield Resource(
                type="aws_dynamodb_table_replica",
                regions=(replica["region_name"],),
                names=self._names(),
            )

    def with_arns(self, account_id: str, text: str) -> str:
        """Replace the references in a text to other resources of the stack by their ARNs."""

        def arn(found: re.Match[str]) -> str:
            block = self._referred(found[0])
            if block is None:
                raise self._unknown(f"ARNs of this stack, and not {found[0]}")
            template = next(
                text
                for each in CATALOGUE[block.type]
                for text in each.resources
                if "{name}" in text
            )
            region = block.region
            whole = template.format(region=region, account=account_id, name=block.name(), path="/")
            return f"{whole}/stream/*" if found[0].endswith(".stream_arn}") else whole

        return _ANY_REFERENCE.sub(arn, text)

    @property
    def region(self) -> str:
        return self.body["provider"].removeprefix("aws.").replace("_", "-")

    def _names(self) -> tuple[str, ...]:
        texts = {
            text
            for each in CATALOGUE[self.type]
            for text in (
                *each.resources,
                *(v for by in each.condition.values() for v in by.values()),
            )
        }
        return (self.name(),) if any("{name}" in text for text in texts) else ()

    def name(self) -> str:
        """Return the name, by way of the resource that a reference leads to."""
        name = self.body[name_attribute(self.type)]
        if referred := self._referred(name):
            return referred.name()
        if certificate := _VALIDATED.search(name):
            # docs.aws.amazon.com/acm/latest/userguide/dns-validation.html: `_x1.` and the domain
            domain = self.document["resource"]["aws_acm_certificate"][certificate[1]]["domain_name"]
            return f"_{domain}"
        if "${" in name:
            raise self._unknown(f"a name in the stack, and not {name}")
        return name

    def kinds(self) -> tuple[str, ...]:
        if self.type == "aws_iam_role":
            (trust,) = json.loads(self.body["assume_role_policy"])["Statement"]
            return (trust["Principal"]["Service"],)
        if self.type == "aws_route53_record":
            return (self._literal("type") or "CNAME",)
        return ()

    def role(self) -> "_Block":
        return self._referred(self.body.get("role", "")) or self

    def _referred(self, value: str) -> "_Block | None":
        if found := _REFERENCE.fullmatch(value):
            kind = found[1] or "resource"
            return _Block(self.stack, self.document, kind, found[2], found[3])
        return None

    def _literal(self, attribute: str) -> str | None:
        value = self.body.get(attribute)
        return None if value is None or "${" in value else value

    def _unknown(self, expected: str) -> UnknownPermissionError:
        where = f"{self.stack}: {self.type}.{self.logical_id}"
        message = (
            f"{where}: a pipeline may deploy no resource without permissions: expected {expected}"
        )
        return UnknownPermissionError(message)
