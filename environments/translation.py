"""Pydantic's errors as sentences that say what to write in an environment's file."""

from collections.abc import Iterator
from typing import Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from environments.errors import ABSENT
from environments.fields import Finding
from environments.regions import nearest
from environments.settings import Settings

_MAPPING: Final = "is no mapping; write {key: value}"
_NO_CONNECTIONS: Final = "is no mapping; write a line for each of two regions, REGION: ARN"
_MESSAGES: Final = {
    "bool_type": "is neither true nor false",
    "dict_type": _MAPPING,
    "int_type": "is no whole number; write digits without quotes",
    "model_type": _MAPPING,
    "tuple_type": "is no list; write [one, another]",
}


def finding(error: ErrorDetails) -> Finding:
    """Return `error` in terms of the file: the path to the value, the value, a message."""
    kind, steps, value = error["type"], error["loc"], error["input"]
    if kind == "missing":
        return steps, ABSENT, f"is missing; write {_description(steps)}"
    if kind == "extra_forbidden":
        return steps, value, f"belongs to an unknown key; {_known_keys(steps)}"
    if kind == "literal_error":
        allowed = error.get("ctx", {})["expected"].replace("'", "")
        return steps, value, f"is not allowed; allowed: {allowed}"
    if kind == "string_type":
        return steps, value, _no_text(steps, value)
    if kind == "dict_type" and steps == ("pipeline", "connections"):
        return steps, value, _NO_CONNECTIONS
    return steps, value, _MESSAGES.get(kind, error["msg"])


def _no_text(steps: tuple[str | int, ...], value: object) -> str:
    if value is None and (wanted := _description(steps)):
        return f"is no text; write {wanted}"
    return f"is no text; {'write it in quotes' if isinstance(value, int) else 'write a word'}"


def _models(steps: tuple[str | int, ...]) -> tuple[type[BaseModel], ...]:
    """Return the models whose keys are allowed where `steps` leads."""
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
    return nearest(str(steps[-1]), keys) or f"allowed: {', '.join(keys)}"
