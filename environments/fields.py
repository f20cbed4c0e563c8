"""Metadata of fields: text that matches a pattern, and whole numbers within bounds."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import (
    CoreSchema,
    ErrorDetails,
    InitErrorDetails,
    PydanticCustomError,
    core_schema,
)

_Model = TypeVar("_Model")
_TITLE: Final = "settings"
_REFUSED: Final = "refused"

Finding = tuple[tuple[str | int, ...], object, str]
"""A mistake inside a field: the path to the value, the value, the message."""


def refusal(message: str) -> PydanticCustomError:
    """Return the error for a validator to raise; `message` continues the value."""
    # A message goes in as context, since braces in a template would be read as placeholders.
    return PydanticCustomError(_REFUSED, "{message}", {"message": message})


def refuse(findings: Iterable[Finding]) -> None:
    """Raise one `ValidationError` with all `findings`; does nothing if there are none."""
    if errors := [_detail(finding) for finding in findings]:
        raise ValidationError.from_exception_data(_TITLE, errors)


def validated(validate: Callable[[], _Model], findings: Iterable[Finding]) -> _Model:
    """Return the result of `validate`; raise one `ValidationError` with all errors and findings."""
    more = [_detail(finding) for finding in findings]
    try:
        model = validate()
    except ValidationError as error:
        errors = [_again(each) for each in error.errors(include_url=False)]
        raise ValidationError.from_exception_data(_TITLE, [*errors, *more]) from None
    if more:
        raise ValidationError.from_exception_data(_TITLE, more)
    return model


def _detail(finding: Finding) -> InitErrorDetails:
    steps, value, message = finding
    return InitErrorDetails(type=refusal(message), loc=steps, input=value)


def _again(error: ErrorDetails) -> InitErrorDetails:
    kind = refusal(error["msg"]) if error["type"] == _REFUSED else error["type"]
    details = InitErrorDetails(type=kind, loc=error["loc"], input=error["input"])
    if "ctx" in error:
        details["ctx"] = error["ctx"]
    return details


@dataclass(frozen=True)
class Text:
    """Metadata of a `str` field: a regular expression for the whole text, and the longest length.

    `rule` says in words what is allowed; messages quote it.
    """

    pattern: str
    longest: int
    rule: str

    def check(self, text: str) -> str:
        """Return `text`; raises the refusal with the rule if it is not allowed."""
        if len(text) > self.longest:
            raise refusal(f"has {len(text)} characters; expected {self.rule}")
        if not re.fullmatch(self.pattern, text):
            raise refusal(f"is not allowed; expected {self.rule}")
        return text

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema) | {"pattern": f"^(?:{self.pattern})$", "maxLength": self.longest}


@dataclass(frozen=True)
class WholeNumber:
    """Metadata of an `int` field: its lowest and highest value, and the unit."""

    lowest: int
    highest: int
    unit: str

    def check(self, number: int) -> int:
        """Return `number`; raises the refusal with the bounds if it is out of range."""
        if not self.lowest <= number <= self.highest:
            raise refusal(f"is out of range; expected {self.lowest} to {self.highest} {self.unit}")
        return number

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema) | {"minimum": self.lowest, "maximum": self.highest}
