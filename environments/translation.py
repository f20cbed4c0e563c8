"""Pydantic's errors as messages in terms of a settings file."""

from collections.abc import Iterator
from typing import Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from environments.errors import ABSENT
from environments.fields import Finding
from environments.regions import nearest
from environments.settings import Settings

_MAPPING: Final = "is not a mapping; expected {key: value}"
_NO_CONNECTIONS: Final = "is not a mapping; expected a line REGION: ARN for each of two regions"
_MESSAGES: Final = {
    "bool_type": "is not a boolean; expected true or false",
    "dict_type": _MAPPING,
    "int_type": "is not an integer; expected digits without quotes",
    "model_type": _MAPPING,
    "tuple_type": "is not a list; expected [one, another]",
}


def finding(error: ErrorDetails) -> Finding:
    """Return `error` as the path to a value, the value and a message."""
    kind, steps, value = error["type"], error["loc"], error["input"]
    if steps[-1:] == ("[key]",):  # pydantic's last step to a wrong key of a mapping
        steps = steps[:-1]
    if kind == "missing":
        return steps, ABSENT, f"is missing; expected {_description(steps)}"
    if kind == "extra_forbidden":
        return steps, ABSENT, f"is not a setting; {_known_keys(steps)}"
    if kind == "literal_error":
        expected = error.get("ctx", {})["expected"].replace("'", "")
        return steps, value, f"is not allowed; expected {expected}"
    if kind == "string_type":
        return steps, value, _not_a_string(steps, value)
    if kind == "dict_type" and steps == ("pipeline", "connections"):
        return steps, value, _NO_CONNECTIONS
    return steps, value, _MESSAGES.get(kind, error["msg"])


def _not_a_string(steps: tuple[str | int, ...], value: object) -> str:
    if value is None and (description := _description(steps)):
        return f"is not a string; expected {description}"
    return f"is not a string{'; expected it in quotes' if isinstance(value, int) else ''}"


def _models(steps: tuple[str | int, ...]) -> tuple[type[BaseModel], ...]:
    """Return the models of the block that has the last of `steps` as a key."""
    models: tuple[type[BaseModel], ...] = (Settings,)
    for step in steps[:-1]:
        if isinstance(step, str):
            fields = (model.model_fields.get(step) for model in models)
            models = tuple(
                model_class
                for field in fields
                if field
                for model_class in _inside(field.annotation)
            )
    return models


def _inside(annotation: object) -> Iterator[type[BaseModel]]:
    for argument in get_args(annotation) or (annotation,):
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            yield argument


def _description(steps: tuple[str | int, ...]) -> str:
    fields = (model.model_fields.get(str(steps[-1])) for model in _models(steps))
    return next((field.description or "" for field in fields if field), "")


def _known_keys(steps: tuple[str | int, ...]) -> str:
    keys = dict.fromkeys(key for model in _models(steps) for key in model.model_fields)
    return nearest(str(steps[-1]), keys) or f"expected {', '.join(keys)}"
