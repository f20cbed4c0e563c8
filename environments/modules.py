"""Terraform modules that are called in every region, or once, without Python code."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, cast

from pydantic import Field, JsonValue, WithJsonSchema, field_validator

from environments import document
from environments.blocks import Block
from environments.errors import Mistake
from environments.fields import Text, refusal
from modules.stack_names import PLATFORM_KINDS

KIND: Final = re.compile(r"(?!.*(^|-)[a-z]{2}(-[a-z]+)+-\d$)[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""The kind of an own stack: lower-case letters, digits and hyphens, without a region at the end."""

LONGEST_KIND: Final = 40
"""Characters of a kind, so that the names of files and IAM fit."""

REFERENCE: Final = re.compile(r"\$\{([a-z][a-z0-9-]*)(?:\.([a-z][a-z0-9_]*))?\}")
"""`${kind.output}` of another stack, or `${region}`, `${environment}` and `${project}`."""

WORDS: Final = ("region", "environment", "project")

_ACTION: Final = Text(
    pattern=r"[a-z0-9-]+:[A-Z][A-Za-z]*\*?",
    longest=100,
    rule="an IAM action, such as ssm:GetParameter or ssm:Get*",
)
_ARN: Final = Text(pattern=r"arn:\S+|\*", longest=300, rule="an ARN, or * for all resources")
_REGISTRY: Final = re.compile(r"([\w.-]+/)?[\w-]+/[\w-]+/[\w-]+")


class ModulePermission(Block):
    """IAM actions that a pipeline needs for the resources of a module."""

    resources: Annotated[tuple[Annotated[str, _ARN], ...], Field(strict=False)] = Field(
        description="ARNs with the fields {region}, {account}, {project} and {environment}"
    )
    read: Annotated[tuple[Annotated[str, _ACTION], ...], Field(strict=False)] = Field(
        default=(), description="the actions that read the resources"
    )
    write: Annotated[tuple[Annotated[str, _ACTION], ...], Field(strict=False)] = Field(
        default=(), description="the actions that create, change and destroy them"
    )
    regional: bool = Field(
        default=True, description="false for services without regions, such as IAM, and for S3"
    )


class ModuleCall(Block):
    """A Terraform module that is called in a stack of its own, in each region or once."""

    name: Annotated[
        str,
        Text(
            pattern=KIND.pattern,
            longest=LONGEST_KIND,
            rule="lower-case letters, digits and hyphens, without a region at the end",
        ),
    ] = Field(description="the kind of its stacks, which are named iot-ENVIRONMENT-NAME-REGION")
    source: Annotated[
        str, Text(pattern=r"\S+", longest=300, rule="the module's source, without spaces")
    ] = Field(description="a path in the project that begins with ./, or a source of Terraform")
    version: Annotated[
        str | None, Field(default=None, description="the version, for a source in a registry")
    ]
    scope: Literal["regional", "global"] = Field(
        default="regional", description="regional: a stack in each region; global: one stack"
    )
    inputs: Annotated[Mapping[str, JsonValue], WithJsonSchema({"type": "object"})] = Field(
        default=dict[str, JsonValue](),
        description="the module's variables; ${iot.alarm_topic_arn} is an output of another stack,"
        " ${region}, ${environment} and ${project} are those of the stack",
    )
    outputs: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="outputs of the module that other stacks can read"
    )
    permissions: Annotated[tuple[ModulePermission, ...], Field(strict=False)] = Field(
        default=(), description="what a pipeline needs for the module's resources"
    )

    @field_validator("name")
    @classmethod
    def _not_of_the_platform(cls, name: str) -> str:
        if name in PLATFORM_KINDS:
            raise refusal("is the name of one of the platform's stacks; choose another name")
        return name

    @field_validator("source")
    @classmethod
    def _in_the_project(cls, source: str) -> str:
        if source.startswith(("/", "../", "~")) or (
            source.startswith("./") and ".." in Path(source).parts
        ):
            raise refusal("is outside of the project; expected a path that begins with ./")
        return source

    @field_validator("inputs")
    @classmethod
    def _known_references(cls, inputs: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        for text in texts(cast("JsonValue", dict(inputs))):
            rest = REFERENCE.sub("", text)
            wrong = [
                match[0]
                for match in REFERENCE.finditer(text)
                if not match[2] and match[1] not in WORDS
            ]
            if "${" in rest or "%{" in rest or wrong:
                shown = wrong[0] if wrong else rest[max(rest.find("${"), rest.find("%{"), 0) :][:40]
                raise refusal(
                    f"has the expression {shown!r}; expected an output of a stack, such as"
                    " ${iot.alarm_topic_arn}, or ${region}, ${environment} or ${project}"
                )
        return inputs

    @property
    def is_local(self) -> bool:
        """Whether the source is a path in the project."""
        return self.source.startswith("./")

    @property
    def upstream(self) -> tuple[str, ...]:
        """The kinds of stacks whose outputs the inputs refer to."""
        kinds = (
            match[1]
            for text in texts(cast("JsonValue", dict(self.inputs)))
            for match in REFERENCE.finditer(text)
            if match[2]
        )
        return tuple(dict.fromkeys(kinds))


def texts(value: JsonValue) -> Iterator[str]:
    """Yield the strings in a JSON value, except keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)


def check_sources(source: document.Document, folder: Path) -> Iterator[Mistake]:
    """Yield a mistake for each module whose local source is not a folder with Terraform files."""
    listed = source.data.get("modules")
    for index, call in enumerate(cast("list[object]", listed) if isinstance(listed, list) else ()):
        path = cast("dict[str, object]", call).get("source") if isinstance(call, dict) else None
        if not isinstance(path, str):
            continue
        steps = ("modules", index, "source")
        if path.startswith("./") and ".." not in Path(path).parts:
            there = folder.parent / path
            if not any(any(there.glob(pattern)) for pattern in ("*.tf", "*.tf.json")):
                message = "is not a folder of the project with *.tf files"
                yield source.mistake(steps, message, path)
        elif _REGISTRY.fullmatch(path) and not cast("dict[str, object]", call).get("version"):
            message = "is in a registry, and its version is missing; add version next to source"
            yield source.mistake(steps, message, path)
