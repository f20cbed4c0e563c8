"""A small evaluator of IAM policies: what a role may do, by its policies and its boundary.

It supports the elements that this project's policies use and refuses any other, so that it never
allows what it does not understand. It follows
docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
and reference_policies_elements_condition_operators.html below the same address.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from tests.support.template import Template

Statement = Mapping[str, Any]
_ELEMENTS: Final = {"Sid", "Effect", "Action", "Resource", "Condition"}
_PARTS: Final = 6


@dataclass(frozen=True)
class Call:
    """An action on one resource, with the values of the condition keys."""

    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Role:
    """The statements of a role's policies, and of its boundary, if it has one."""

    statements: Sequence[Statement]
    boundary: Sequence[Statement] | None = None

    def may(self, call: Call) -> bool:
        """Whether a policy and the boundary allow a call, and neither denies it."""
        return allows(self.statements, call) and (
            self.boundary is None or allows(self.boundary, call)
        )


def document(text: str) -> list[Statement]:
    """Return the statements of a policy document."""
    return json.loads(text)["Statement"]


def roles(stack: Template) -> dict[str, Role]:
    """Return the roles of a stack by logical id, each with its policies and its boundary."""
    result: dict[str, Role] = {}
    for name, role in stack.resources("aws_iam_role").items():
        own = {f"${{aws_iam_role.{name}.name}}", f"${{aws_iam_role.{name}.id}}"}
        statements = [
            statement
            for policy in stack.resources("aws_iam_role_policy").values()
            if policy["role"] in own
            for statement in document(policy["policy"])
        ]
        for attachment in stack.resources("aws_iam_role_policy_attachment").values():
            if attachment["role"] in own:
                statements += _managed(stack, attachment["policy_arn"]) or ()
        result[name] = Role(statements, _managed(stack, role.get("permissions_boundary", "")))
    return result


def _managed(stack: Template, arn: str) -> list[Statement] | None:
    """Read a policy of the same stack; None if it is not in the stack."""
    named = re.search(r"aws_iam_policy\.(\w+)\.arn", arn)
    return document(stack.resources("aws_iam_policy")[named[1]]["policy"]) if named else None


def allows(statements: Iterable[Statement], call: Call) -> bool:
    """Whether statements allow a call, and none denies it."""
    effects = {each["Effect"] for each in statements if _matches(each, call)}
    return effects == {"Allow"}


def fits(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern with `*` for any characters and `?` for one."""
    return _compiled(pattern).fullmatch(text) is not None


def listed(value: str | Sequence[str]) -> tuple[str, ...]:
    """Return a value or a list of values as a list."""
    return (value,) if isinstance(value, str) else tuple(value)


def _matches(statement: Statement, call: Call) -> bool:
    if unknown := statement.keys() - _ELEMENTS:
        raise NotImplementedError(f"elements of a statement: {', '.join(sorted(unknown))}")
    action = call.action.lower()
    return (
        any(fits(each.lower(), action) for each in listed(statement["Action"]))
        and any(fits(each, call.resource) for each in listed(statement["Resource"]))
        and all(
            _holds(operator, listed(wanted), call.context.get(key))
            for operator, by_key in statement.get("Condition", {}).items()
            for key, wanted in by_key.items()
        )
    )


def _holds(operator: str, wanted: tuple[str, ...], value: str | tuple[str, ...] | None) -> bool:
    if operator == "Null":
        return (value is None) == (wanted == ("true",))
    name, if_exists = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    every, name = name.startswith("ForAllValues:"), name.removeprefix("ForAllValues:")
    is_not, name = name.startswith("StringNot"), name.replace("StringNot", "String")
    if name not in _COMPARE:
        raise NotImplementedError(f"operator of a condition: {operator}")
    if value is None:
        return if_exists or every or is_not
    if not every and not isinstance(value, str):
        raise NotImplementedError(f"{operator}: several values want ForAllValues")
    compare = _COMPARE[name]
    return all(any(compare(each, one) for each in wanted) != is_not for one in listed(value))


def _arns_fit(pattern: str, arn: str) -> bool:
    parts = zip(pattern.split(":", _PARTS - 1), arn.split(":", _PARTS - 1), strict=False)
    return pattern.count(":") >= _PARTS - 1 and all(fits(each, part) for each, part in parts)


_COMPARE: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringLike": fits,
    # The two operators are equivalent.
    "ArnEquals": _arns_fit,
    "ArnLike": _arns_fit,
}


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    kinds = {"*": ".*", "?": "."}
    return re.compile("".join(kinds.get(char, re.escape(char)) for char in pattern), re.DOTALL)
