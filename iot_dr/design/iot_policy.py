"""Evaluation of AWS IoT policies: what a client of the message broker may do.

docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html, iot-action-resources.html,
iot-policy-variables.html, thing-policy-variables.html and pub-sub-policy.html; an explicit Deny
wins, and what no statement allows is denied, as in IAM:
docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.json_value import is_mapping, is_sequence, json_in, mapping
from modules.policy_document import VERSION

Action = Literal["Connect", "Publish", "Subscribe", "Receive"]

# docs.aws.amazon.com/iot/latest/developerguide/iot-action-resources.html
_KINDS: Final[Mapping[Action, str]] = {
    "Connect": "client",
    "Publish": "topic",
    "Receive": "topic",
    "Subscribe": "topicfilter",
}
_STATEMENT_KEYS: Final = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})
_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
_LITERALS: Final = frozenset("*?$")
_CLIENT_ID: Final = "iot:clientid"
_THING: Final = "iot:connection.thing.thingname"
_IS_ATTACHED: Final = "iot:connection.thing.isattached"
_GROUPS: Final = {_CLIENT_ID: "client", _THING: "thing"}
_OPERATORS: Final[Mapping[str, tuple[bool, bool]]] = {
    # Whether values may have wildcards, and whether the operator is negated.
    "Bool": (False, False),
    "StringEquals": (False, False),
    "StringNotEquals": (False, True),
    "StringLike": (True, False),
    "StringNotLike": (True, True),
}


class AccessDecision(StrEnum):
    """Decision on a request; the values are those of AWS IoT's TestAuthorization.

    docs.aws.amazon.com/iot/latest/apireference/API_AuthResult.html.
    """

    ALLOWED = "ALLOWED"
    EXPLICIT_DENY = "EXPLICIT_DENY"
    IMPLICIT_DENY = "IMPLICIT_DENY"


@dataclass(frozen=True, slots=True)
class BrokerClient:
    """A client of the message broker of a region.

    `thing` is the thing with the name `client_id` if the client's certificate is attached to it,
    else None.
    """

    region: str
    account_id: str
    client_id: str
    thing: str | None
    partition: str = "aws"

    def arn(self, action: Action, name: str) -> str:
        """Return the ARN that an action on a client id, topic or topic filter needs."""
        head = f"arn:{self.partition}:iot:{self.region}:{self.account_id}"
        return f"{head}:{_KINDS[action]}/{name}"

    def value(self, key: str) -> str | None:
        """Return the value of a condition key, given in lower case; None if it is missing."""
        if key == _IS_ATTACHED:
            return "false" if self.thing is None else "true"
        return self.client_id if key == _CLIENT_ID else self.thing


class ClientPolicies:
    """The policies that are attached to a client's certificate.

    `not_understood` are clauses about parts that this evaluation does not know. A statement with
    such a part allows nothing, and denies everything if it is a Deny.
    """

    def __init__(self, documents: Iterable[str]) -> None:
        self.not_understood: list[str] = []
        self._statements = [
            statement for document in documents for statement in self._read(document)
        ]

    def decision(self, client: BrokerClient, action: Action, name: str) -> AccessDecision:
        """Return the decision on an action on a client id, topic or topic filter.

        The wildcards `+` and `#` of a topic filter are compared as letters.
        """
        arn = client.arn(action, name)
        effects = {
            statement.is_allow
            for statement in self._statements
            if statement.applies(client, f"iot:{action}", arn)
        }
        if False in effects:
            return AccessDecision.EXPLICIT_DENY
        return AccessDecision.ALLOWED if effects else AccessDecision.IMPLICIT_DENY

    def allow(self, client: BrokerClient, action: Action, name: str) -> bool:
        """Whether the decision on an action is ALLOWED."""
        return self.decision(client, action, name) is AccessDecision.ALLOWED

    def _read(self, text: str) -> Iterator["_Statement"]:
        document = json_in(text)
        if not isinstance(document, dict) or "Statement" not in document:
            self.not_understood.append("it is not a policy document in JSON")
            return
        has_variables = document.get("Version") == VERSION
        for number, body in enumerate(blocks(document, "Statement"), 1):
            statement = _Statement(body, has_variables)
            name = body.get("Sid") or f"statement {number}"
            self.not_understood.extend(f"{name}: {problem}" for problem in statement.problems)
            yield statement


class _Statement:
    """A statement; `problems` are its parts that are not understood."""

    def __init__(self, body: Mapping[str, Any], has_variables: bool) -> None:
        self.problems = [f"{key} is not supported" for key in body if key not in _STATEMENT_KEYS]
        effect = body.get("Effect")
        if effect not in {"Allow", "Deny"}:
            self.problems.append(f"Effect {effect} is not supported")
        self.is_allow = effect == "Allow"
        self._actions = [_Pattern(each.lower(), False) for each in texts(body.get("Action"))]
        self._resources = [_Pattern(each, has_variables) for each in texts(body.get("Resource"))]
        self._conditions = list(self._read_conditions(body.get("Condition") or {}, has_variables))
        for pattern in self._resources:
            self.problems.extend(pattern.problems)

    def applies(self, client: BrokerClient, action: str, arn: str) -> bool:
        """Whether the statement decides on a request."""
        if self.problems:
            return not self.is_allow
        return (
            _matches(self._actions, client, action.lower())
            and _matches(self._resources, client, arn)
            and all(condition.holds(client) for condition in self._conditions)
        )

    def _read_conditions(self, body: object, has_variables: bool) -> Iterator["_Condition"]:
        if not is_mapping(body):
            self.problems.append("Condition is not supported in this form")
        for operator, keys in mapping(body).items():
            if operator not in _OPERATORS or not is_mapping(keys):
                self.problems.append(f"the condition operator {operator} is not supported")
                continue
            for key, values in keys.items():
                if key.lower() not in {_CLIENT_ID, _THING, _IS_ATTACHED}:
                    self.problems.append(f"the condition key {key} is not supported")
                    continue
                condition = _Condition(operator, key.lower(), values, has_variables)
                self.problems.extend(condition.problems)
                yield condition


class _Condition:
    """One key of a condition; any of its values may match."""

    def __init__(self, operator: str, key: str, values: object, has_variables: bool) -> None:
        has_wildcards, self._is_negated = _OPERATORS[operator]
        given = values if is_sequence(values) else [values]
        written = [str(each).lower() if isinstance(each, bool) else str(each) for each in given]
        self._key = key
        self._patterns = [
            _Pattern(each, has_variables, has_wildcards=has_wildcards) for each in written
        ]
        self.problems = [problem for pattern in self._patterns for problem in pattern.problems]

    def holds(self, client: BrokerClient) -> bool:
        """Whether the condition is met; without a value of the key, only a negated one is."""
        value = client.value(self._key)
        is_equal = value is not None and _matches(self._patterns, client, value)
        return is_equal is not self._is_negated


class _Pattern:
    """A text with variables and wildcards, compiled once for all clients.

    It is matched against the client's id, its thing and the text, separated by a character that
    neither an ARN nor a topic has; variables become back references to the first two. So their
    values are compared as they are, whatever wildcards they contain.
    """

    def __init__(self, text: str, has_variables: bool, *, has_wildcards: bool = True) -> None:
        self.problems: list[str] = []
        self._needs_thing = False
        self._has_wildcards = has_wildcards
        pieces = _VARIABLE.split(text) if has_variables else [text]
        compiled = [
            self._variable(piece) if number % 2 else self._plain(piece)
            for number, piece in enumerate(pieces)
        ]
        head = "(?P<client>[^\0]*)\0(?P<thing>[^\0]*)\0"
        self._compiled = re.compile(head + "".join(compiled), re.DOTALL)

    def matches(self, client: BrokerClient, text: str) -> bool:
        """Whether a text matches for a client; never if a variable of it has no value."""
        if self.problems or (self._needs_thing and client.thing is None):
            return False
        subject = f"{client.client_id}\0{client.thing or ''}\0{text}"
        return self._compiled.fullmatch(subject) is not None

    def _plain(self, text: str) -> str:
        quoted = re.escape(text)
        if not self._has_wildcards:
            return quoted
        return quoted.replace(r"\*", ".*").replace(r"\?", ".")

    def _variable(self, name: str) -> str:
        if name in _LITERALS:
            return re.escape(name)
        group = _GROUPS.get(name.lower())
        if group is None:
            self.problems.append(f"the variable ${{{name}}} is not supported")
            return ""
        self._needs_thing = self._needs_thing or group == "thing"
        return f"(?P={group})"


def _matches(patterns: Iterable[_Pattern], client: BrokerClient, text: str) -> bool:
    return any(pattern.matches(client, text) for pattern in patterns)
