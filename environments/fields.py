"""Two kinds of field: text by a rule, and a whole number between bounds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

Finding = tuple[tuple[str | int, ...], object, str]
"""What is wrong inside a field: the steps to the value, the value, the message."""


def refusal(message: str) -> PydanticCustomError:
    """Return the error for a validator to raise; `message` follows the value it is about."""
    # A message goes in as context, since braces in a template would be read as placeholders.
    return PydanticCustomError("refused", "{message}", {"message": message})  # pyright: ignore[reportArgumentType] -- a LiteralString it is


def refuse(findings: Iterable[Finding]) -> None:
    """Raise one `ValidationError` with all `findings`, or nothing when there are none."""
    errors = [
        InitErrorDetails(type=refusal(message), loc=steps, input=value)
        for steps, value, message in findings
    ]
    if errors:
        raise ValidationError.from_exception_data("settings", errors)


@dataclass(frozen=True)
class Text:
    """Metadata of a `str` field: a regular expression for the whole text, and its longest length.

    `rule` says in words what is allowed, for the refusal.
    """

    pattern: str
    longest: int
    rule: str

    def check(self, text: str) -> str:
        """Return `text`, or raise the refusal that tells its rule."""
        if len(text) > self.longest:
            raise refusal(f"has {len(text)} characters; allowed: {self.rule}")
        if not re.fullmatch(self.pattern, text):
            raise refusal(f"is not allowed; allowed: {self.rule}")
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
class Whole:
    """Metadata of an `int` field: its lowest and highest value, and the unit they count."""

    lowest: int
    highest: int
    unit: str

    def check(self, number: int) -> int:
        """Return `number`, or raise the refusal that tells the bounds."""
        if not self.lowest <= number <= self.highest:
            raise refusal(f"is out of range; allowed: {self.lowest} to {self.highest} {self.unit}")
        return number

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema) | {"minimum": self.lowest, "maximum": self.highest}
