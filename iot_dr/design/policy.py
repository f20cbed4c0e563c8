"""What IAM policies allow.

Sources, below docs.aws.amazon.com/IAM/latest/UserGuide:
reference_policies_evaluation-logic_policy-eval-denyallow.html, reference_policies_elements.html and
reference_policies_elements_condition_operators.html.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Literal

from iot_dr.terraform_json.expression import has_expression, parts, texts

Access = Literal["allowed", "denied", "unknown"]
"""`unknown`: a policy is not declared, or has a part that is not known or not understood."""

Statement = Mapping[str, Any]
Policy = tuple[Statement, ...] | None
"""The statements of a policy, None if they are not known."""

_ELEMENTS: Final = {
    *("Sid", "Effect", "Condition"),
    *("Action", "NotAction", "Resource", "NotResource"),
}
_VARIABLE: Final = re.compile(r"\$\$\{([^}]*)\}")
_WILDCARDS: Final = {"*": ".*", "?": "."}
# What makes a pattern match other texts than itself.
_SPECIAL: Final = frozenset("*?$")
_ACCOUNT: Final = 4
_TRUTH: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class ApiCall:
    """An action on one resource, by ARN, with the values of its condition keys.

    An ARN with an empty account is of the account of the policies. A key of AWS (`aws:`) or of the
    action's service that is not in `context` has an unknown value; any other is absent.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Grants:
    """The policies of a role, and its permissions boundary, empty without one.

    `principal` are the condition keys of the role itself.
    """

    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] = ()
    principal: Mapping[str, str] = field(default_factory=dict[str, str])

    def access(self, call: ApiCall) -> Access:
        """Return whether the policies allow a call.

        A policy that is not known is assumed to deny nothing.
        """
        call = replace(call, context={**self.principal, **call.context})
        results = {_access(self.identity, call)}
        if self.boundary:
            results.add(_access(self.boundary, call))
        for result in ("denied", "unknown"):
            if result in results:
                return result
        return "allowed"


def _access(policies: Iterable[Policy], call: ApiCall) -> Access:
    allows, denies = list[bool | None](), list[bool | None]()
    # Effect is case-sensitive: reference_policies_elements_effect.html.
    effects = {"Allow": allows, "Deny": denies}
    for policy in policies:
        if policy is None:
            allows.append(None)
        for statement in policy or ():
            effects.get(str(statement.get("Effect")), []).append(_applies(statement, call))
    if any_true(denies) or any_true(allows) is False:
        return "denied"
    return "allowed" if any_true(allows) and any_true(denies) is False else "unknown"


def _applies(statement: Statement, call: ApiCall) -> bool | None:
    """Whether a statement applies to a call, None if that is not known."""
    if statement.keys() - _ELEMENTS:
        return None
    is_about = (
        _any_action_fits(texts(statement.get("Action")), call.action)
        if "NotAction" not in statement
        else _not(_any_action_fits(texts(statement["NotAction"]), call.action))
    )
    if is_about is False:
        return False
    named = "NotResource" if "NotResource" in statement else "Resource"
    patterns = tuple(_filled(pattern, call) for pattern in texts(statement.get(named)))
    is_named = _any_arn_fits(patterns, call.resource)
    is_on = _not(is_named) if named == "NotResource" else is_named
    return all_true([is_about, is_on, *_conditions(statement.get("Condition"), call)])


# A proof asks each statement of a role about each call of its functions, in each region.
@lru_cache(maxsize=16384)
def _any_action_fits(patterns: tuple[str, ...], action: str) -> bool | None:
    return any_true(fits(pattern.lower(), action.lower()) for pattern in patterns)


@lru_cache(maxsize=16384)
def _any_arn_fits(patterns: tuple[str, ...], arn: str) -> bool | None:
    return any_true(arns_fit(pattern, arn) for pattern in patterns)


def arns_fit(pattern: str, arn: str) -> bool | None:
    """Whether an ARN matches a pattern; one without an account is of that of the pattern."""
    segments, wanted = arn.split(":", _ACCOUNT + 1), pattern.split(":", _ACCOUNT + 1)
    if len(segments) == len(wanted) == _ACCOUNT + 2 and not segments[_ACCOUNT]:
        wanted[_ACCOUNT] = ""
        pattern = ":".join(wanted)
    return fits(pattern, arn)


@lru_cache(maxsize=4096)
def fits(pattern: str, text: str) -> bool | None:
    """Whether a text matches a pattern with `*` and `?`; equal expressions of Terraform match.

    None if it matches for some values of the expressions in both.
    """
    if pattern == text:
        return True
    if _SPECIAL.isdisjoint(pattern) and "$" not in text:
        return False
    expression = "".join(
        re.escape(part.text)
        if part.is_expression
        else "".join(_WILDCARDS.get(char, re.escape(char)) for char in part.text)
        for part in parts(pattern)
    )
    return (
        True if re.fullmatch(expression, text, re.DOTALL) else _may_fit(pattern, text, _WILDCARDS)
    )


def _may_fit(pattern: str, text: str, wildcards: Mapping[str, str]) -> bool | None:
    """Return None if two texts match for some values of the expressions in both, else False."""
    if not has_expression(pattern) and not has_expression(text):
        return False
    return None if _meet(_tokens(pattern, wildcards), _tokens(text, {})) else False


def _tokens(text: str, wildcards: Mapping[str, str]) -> list[str]:
    """Return the characters of a text; `.*` and `.` mean any text and any character."""
    return [
        token
        for part in parts(text)
        for token in (
            [".*"]
            if part.is_expression
            else [wildcards.get(char, f"={char}") for char in part.text]
        )
    ]


def _meet(first: list[str], second: list[str]) -> bool:
    """Whether a text exists that both match."""
    # Whether what remains of `first` and of `second` from each place on has a common text.
    rows = [[False] * (len(second) + 1) for _ in range(len(first) + 1)]
    rows[-1][-1] = True
    for i in range(len(first), -1, -1):
        for j in range(len(second), -1, -1):
            one, other = first[i : i + 1], second[j : j + 1]
            if [".*"] in (one, other):
                rows[i][j] = bool(one and rows[i + 1][j]) or bool(other and rows[i][j + 1])
            elif one and other:
                is_equal = one == other or ["."] in (one, other)
                rows[i][j] = is_equal and rows[i + 1][j + 1]
    return rows[0][0]


def condition_matches(condition: object, call: ApiCall) -> bool | None:
    """Whether the condition of an IAM statement is true for a call; None if that is not known."""
    return all_true(_conditions(condition, call))


def _filled(pattern: str, call: ApiCall) -> str:
    """Return a pattern with policy variables replaced; one of unknown value is an expression."""

    def value(match: re.Match[str]) -> str:
        return call.context.get(match.group(1), f"${{{match.group(1)}}}")

    return _VARIABLE.sub(value, pattern)


def _conditions(condition: object, call: ApiCall) -> Iterator[bool | None]:
    if condition is None:
        return
    if not isinstance(condition, dict):
        yield None
        return
    by_operator: dict[str, Any] = condition
    for operator, keys in by_operator.items():
        by_key: dict[str, Any] = keys if isinstance(keys, dict) else {"": None}
        for key, wanted in by_key.items():
            yield _holds(operator, key, [_filled(each, call) for each in _words(wanted)], call)


def _words(wanted: object) -> tuple[str, ...]:
    """Return the values of a condition; numbers and flags as in JSON."""
    values: list[Any] = wanted if isinstance(wanted, list) else [wanted]
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)


def _holds(operator: str, key: str, wanted: list[str], call: ApiCall) -> bool | None:
    """Whether a condition holds, None if its operator or the key's value is not known."""
    keys = {name.lower(): value for name, value in call.context.items()}
    value = keys.get(key.lower())
    service = key.lower().partition(":")[0]
    if value is None and service in {"", "aws", call.action.lower().partition(":")[0]}:
        return None
    if operator == "Null":
        return any_true((value is None) is _TRUTH.get(each.lower()) for each in wanted)
    quantifier, _, name = operator.rpartition(":")
    is_optional, name = name.endswith("IfExists"), name.removesuffix("IfExists")
    is_negated, name = "Not" in name, name.replace("Not", "")
    compare = _COMPARE.get(name)
    if compare is None or quantifier not in {"", "ForAllValues", "ForAnyValue"}:
        return None
    if value is None:
        is_absent_enough = is_optional or is_negated or quantifier == "ForAllValues"
        return is_absent_enough and quantifier != "ForAnyValue"
    result = any_true(compare(each, value) for each in wanted)
    return _not(result) if is_negated else result


def _equal(wanted: str, value: str) -> bool | None:
    return wanted == value or _may_fit(wanted, value, {})


def _equal_ignoring_case(wanted: str, value: str) -> bool | None:
    return _equal(wanted.lower(), value.lower())


_COMPARE: Final[Mapping[str, Callable[[str, str], bool | None]]] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_ignoring_case,
    "StringLike": fits,
    # The two operators are equivalent.
    "ArnEquals": arns_fit,
    "ArnLike": arns_fit,
    "Bool": _equal_ignoring_case,
}


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def any_true(truths: Iterable[bool | None]) -> bool | None:
    """Return whether any is true; None if none is, but one is unknown."""
    values = set(truths)
    return True if True in values else None if None in values else False


def all_true(truths: Iterable[bool | None]) -> bool | None:
    """Return whether all are true; None if none is false, but one is unknown."""
    return _not(any_true(map(_not, truths)))
