"""Resources that an account had before Terraform, which the stand-in can import.

The stand-in has no account. `IOT_DR_STANDIN_EXISTING` names a file with the arguments of resources
by type and id. A resource that is not in the file is assumed to be as the configuration of its
`import` block says.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self, cast

from iot_dr.terraform.standin.schema import SchemaBlock
from iot_dr.terraform.standin.values import Value, is_list, is_object
from iot_dr.terraform_json.files import STACK_FILE

EXISTING_VARIABLE: Final = "IOT_DR_STANDIN_EXISTING"
"""The environment variable that names the file."""

_EXPRESSION: Final = "${"
_SYSTEM: Final = "aws:"
_ZONE: Final = "aws_route53_zone"


class ExistingFileError(Exception):
    """The file of existing resources cannot be used; the message continues its name."""


class ExistingResources:
    """The arguments of existing resources, from a file, else from the stacks in a folder.

    `zones` are the names of hosted zones by id, for those that are not in the file.
    """

    def __init__(
        self,
        file: Path | None = None,
        stacks: Path | None = None,
        zones: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._file = file
        self._stacks = stacks
        self._zones = zones

    @classmethod
    def in_environment(cls, stacks: Path | None, zones: Mapping[str, str]) -> Self:
        """Return those of the file that the environment variable names, if it is set."""
        name = os.environ.get(EXISTING_VARIABLE)
        return cls(Path(name) if name else None, stacks, zones)

    def listed(self, type_: str, id_: str) -> Mapping[str, Value] | None:
        """Return a resource's arguments in the file; None if it is not there.

        Raises ExistingFileError if the file is not as expected.
        """
        if self._file is None:
            return None
        try:
            content = json.loads(self._file.read_bytes())
        except (OSError, ValueError) as error:
            raise ExistingFileError(f"{self._file}: cannot be read as JSON: {error}") from error
        by_id = content.get(type_, {}) if is_object(content) else None
        arguments = by_id.get(id_) if is_object(by_id) else ()
        if not is_object(arguments) and arguments is not None:
            raise ExistingFileError(
                f'{self._file}: expected {{"TYPE": {{"ID": {{"ARGUMENT": VALUE}}}}}}'
            )
        return arguments

    def configured(self, type_: str, id_: str) -> Mapping[str, Value] | None:
        """Return the literal arguments of the resource into which a stack imports an id."""
        for document in self._documents():
            for block in document.get("import", ()):
                imported_type, _, name = str(block["to"]).partition(".")
                if (imported_type, block["id"]) == (type_, id_):
                    return document["resource"][type_][name]
        return None

    def zone(self, zone_id: str) -> Mapping[str, Value]:
        """Return a hosted zone's name, None if it is not known, and whether it is private."""
        zone = self.listed(_ZONE, zone_id) or {"name": self._zones.get(zone_id)}
        return {"name": zone.get("name"), "private_zone": bool(zone.get("vpc"))}

    def _documents(self) -> Iterator[dict[str, Any]]:
        for file in sorted(self._stacks.rglob(STACK_FILE)) if self._stacks else ():
            yield cast("dict[str, Any]", json.loads(file.read_bytes()))


NO_RESOURCES: Final = ExistingResources()
"""No existing resources: what is imported is known by its id alone."""


def as_values(
    block: SchemaBlock, arguments: Mapping[str, Value], *, are_literal: bool = False
) -> dict[str, Value]:
    """Return arguments of a configuration as values; those with expressions are null.

    Those of an account `are_literal`: `${` in them is text, as in an IoT policy. A single nested
    block becomes a list of one. Tags of AWS itself, such as CloudFormation's, are left out: the
    provider neither reads nor changes them (hashicorp/terraform-provider-aws,
    internal/tags/key_value_tags.go, IgnoreAWS).
    """
    given = arguments if are_literal else {key: _literal(each) for key, each in arguments.items()}
    values = {name: given.get(name) for name in block.attributes}
    if is_object(tags := values.get("tags")):
        values["tags"] = {key: each for key, each in tags.items() if not key.startswith(_SYSTEM)}
    for name, nested in block.blocks.items():
        inner = given.get(name)
        bodies = inner if is_list(inner) else [inner] if is_object(inner) else []
        inside = [as_values(nested.block, body, are_literal=True) for body in bodies]
        values[name] = inside if nested.nesting != "single" else (inside or [None])[0]
    return values


def _literal(value: Value) -> Value:
    if is_list(value):
        return [_literal(member) for member in value]
    if is_object(value):
        return {key: _literal(member) for key, member in value.items()}
    if isinstance(value, str):
        if _EXPRESSION in value.replace(f"${_EXPRESSION}", ""):
            return None
        return value.replace(f"${_EXPRESSION}", _EXPRESSION).replace("%%{", "%{")
    return value
