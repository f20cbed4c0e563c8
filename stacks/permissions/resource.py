"""A stack's resources as IAM policies name them, from its Terraform JSON."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from modules.permissions.catalogue import CATALOGUE, Catalogue, name_attribute
from modules.permissions.permission import PIPELINE_TAGS
from stacks.policy_names import PATH

Document = Mapping[str, Any]
"""A stack's Terraform JSON."""

_REFERENCE: Final = re.compile(r"\$\{(?:(data)\.)?(aws_\w+)\.(\w+)\.\w+\}")
_ANY_REFERENCE: Final = re.compile(r"\$\{[^}]+\}")
_VALIDATED: Final = re.compile(r"aws_acm_certificate\.(\w+)\.domain_validation_options")


class UnknownPermissionError(ValueError):
    """A resource whose permissions cannot be determined."""


@dataclass(frozen=True, kw_only=True)
class PolicyResource:
    """Resources of one type in some regions; `names` can be patterns.

    `kinds` are the services that may assume a role, or the types of DNS records. `path` is that of
    roles and policies; `zone` is a hosted zone's id if the stack has it as a literal.
    `is_of_pipeline` is true for a pipeline's own key, `force_destroy` for buckets with that
    argument.
    """

    type: str
    regions: tuple[str, ...]
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    path: str = "/"
    zone: str | None = None
    is_of_pipeline: bool = False
    is_data_source: bool = False
    force_destroy: bool = False


def stack_resources(stack: str, document: Document) -> Iterator[PolicyResource]:
    """Yield a stack's resources and data sources, not merged.

    Raises UnknownPermissionError for a type that is not in the catalogue, or a name that is not in
    the stack.
    """
    for block in _blocks(stack, document, CATALOGUE):
        yield from block.resources()


def own_stack_resources(
    stack: str, document: Document, catalogue: Catalogue, refused: list[str]
) -> Iterator[PolicyResource]:
    """Yield the resources of an own stack whose permissions are known.

    A message for each other one is added to `refused`.
    """
    remedy = "declare its actions in permissions of the stack's class"
    region = next(iter(document["provider"]["aws"]))["region"]
    for name in document.get("module", {}):
        type_ = f"module.{name}"
        if type_ in catalogue:
            yield PolicyResource(type=type_, regions=(region,))
        else:
            where = "its class, or of the module in the environment's file"
            refused.append(
                f"{stack}: {type_}: the permissions that a pipeline needs for it are unknown:"
                f" declare them in permissions of {where}"
            )
    for block in (replace(each, remedy=remedy) for each in _blocks(stack, document, catalogue)):
        try:
            yield from list(block.resources())
        except UnknownPermissionError as error:
            refused.append(str(error))
        except (AttributeError, KeyError, TypeError, ValueError):
            refused.append(str(block.unknown("its name must be a literal of this stack")))


def _blocks(stack: str, document: Document, catalogue: Catalogue) -> "Iterator[_Block]":
    for kind in ("resource", "data"):
        for type_, blocks in document.get(kind, {}).items():
            # Other types are Terraform's own (`terraform_data`) and call no API.
            for logical_id in blocks if type_.startswith("aws_") else ():
                yield _Block(stack, document, kind, type_, logical_id, catalogue)


@dataclass(frozen=True)
class RolePolicy:
    """The Allow statements of a role's policy, with ARNs in place of references."""

    role: str
    allowed: tuple[Mapping[str, Any], ...]


def role_policies(account_id: str, stack: str, document: Document) -> Iterator[RolePolicy]:
    """Yield the policies of a stack's roles, except those of pipelines.

    Raises UnknownPermissionError for a reference that is not to a resource of the stack.
    """
    for logical_id, body in document.get("resource", {}).get("aws_iam_role_policy", {}).items():
        block = _Block(stack, document, "resource", "aws_iam_role_policy", logical_id)
        if block.role().body.get("path") == PATH:
            continue
        statements = (
            {
                **statement,
                "Action": _listed(statement["Action"]),
                "Resource": _listed(statement["Resource"]),
            }
            for statement in json.loads(block.with_arns(account_id, body["policy"]))["Statement"]
            if statement["Effect"] == "Allow"
        )
        yield RolePolicy(role=block.name(), allowed=tuple(statements))


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@dataclass(frozen=True)
class _Block:
    """A block of a document, which can resolve references to other blocks."""

    stack: str
    document: Document
    kind: str
    type: str
    logical_id: str
    catalogue: Catalogue = field(default_factory=lambda: CATALOGUE)
    remedy: str = "add the type's API actions to modules/permissions"

    @property
    def body(self) -> Mapping[str, Any]:
        return self.document[self.kind][self.type][self.logical_id]

    def resources(self) -> Iterator[PolicyResource]:
        if self.type not in self.catalogue:
            raise self.unknown(self.remedy)
        if self.kind == "data" and self._searches():
            yield PolicyResource(
                type=f"{self.type}_lookup", regions=(self.region,), is_data_source=True
            )
            return
        owner = self.role() if self.type.startswith("aws_iam_role") else self
        yield PolicyResource(
            type=self.type,
            regions=(self.region,),
            names=self._names(),
            kinds=owner.kinds(),
            path=owner.body.get("path", "/"),
            zone=self._literal("zone_id"),
            is_of_pipeline=PIPELINE_TAGS.items() <= self.body.get("tags", {}).items(),
            is_data_source=self.kind == "data",
            force_destroy=self.body.get("force_destroy", False),
        )
        for replica in self.body.get("replica", ()):
            yield PolicyResource(
                type="aws_dynamodb_table_replica",
                regions=(replica["region_name"],),
                names=self._names(),
            )

    def _searches(self) -> bool:
        """Whether a data source searches by name; one with an id or the full name does not."""
        return f"{self.type}_lookup" in self.catalogue and "zone_id" not in self.body

    def with_arns(self, account_id: str, text: str) -> str:
        """Return the text with ARNs in place of references to resources of the stack.

        Raises UnknownPermissionError for any other reference.
        """

        def arn(reference: re.Match[str]) -> str:
            block = self._referred(reference[0])
            if block is None:
                raise self.unknown(f"the policy must refer to this stack, not to {reference[0]}")
            template = next(
                arn_template
                for permission in self.catalogue[block.type]
                for arn_template in permission.resources
                if "{name}" in arn_template
            )
            region = block.region
            whole = template.format(region=region, account=account_id, name=block.name(), path="/")
            return f"{whole}/stream/*" if reference[0].endswith(".stream_arn}") else whole

        return _ANY_REFERENCE.sub(arn, text)

    @property
    def region(self) -> str:
        return self.body["provider"].removeprefix("aws.").replace("_", "-")

    def _names(self) -> tuple[str, ...]:
        texts = {
            text
            for permission in self.catalogue[self.type]
            for text in (
                *permission.resources,
                *(value for by_key in permission.condition.values() for value in by_key.values()),
            )
        }
        return (self.name(),) if any("{name}" in text for text in texts) else ()

    def name(self) -> str:
        """Return the name, following references to other resources of the stack.

        Raises UnknownPermissionError if it is not a literal there.
        """
        named_by = next(
            (each.named_by for each in self.catalogue[self.type] if each.named_by), None
        )
        name = self.body[named_by or name_attribute(self.type)]
        if referred := self._referred(name):
            return referred.name()
        if certificate := _VALIDATED.search(name):
            # `_x1.` and the domain: docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
            domain = self.document["resource"]["aws_acm_certificate"][certificate[1]]["domain_name"]
            return f"_{domain}"
        if "${" in name:
            raise self.unknown(f"the name must be a literal of this stack, not {name}")
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
        if match := _REFERENCE.fullmatch(value):
            kind = match[1] or "resource"
            return _Block(self.stack, self.document, kind, match[2], match[3], self.catalogue)
        return None

    def _literal(self, attribute: str) -> str | None:
        value = self.body.get(attribute)
        return None if value is None or "${" in value else value

    def unknown(self, remedy: str) -> UnknownPermissionError:
        """Return the error for this resource."""
        where = f"{self.stack}: {self.type}.{self.logical_id}"
        message = f"{where}: the permissions that a pipeline needs for it are unknown: {remedy}"
        return UnknownPermissionError(message)
