"""A synthesized environment, and copies of it with one mutant."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from environments.settings import Settings
from iot_dr.generate.gate import Documents, documents
from iot_dr.generate.synthesis import stack_file
from iot_dr.rules.support.regional_stack import without_region
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform.standin.schema import Kind
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The argument `root` of a resource becomes `value`, or is removed if that is None.

    The whole resource is removed if `root` is empty.
    """

    stack: str
    kind: Kind
    type: str
    name: str
    root: str
    value: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A change of an argument or the removal of a resource: one edit, or one for each region.

    `argument` is dotted, without positions; `place` has the positions and names of blocks,
    statements and variables. Both are empty for a whole resource.
    """

    edits: tuple[Edit, ...]
    argument: str
    place: str
    change: str
    detail: str

    @property
    def type(self) -> str:
        """The resource type, or that of a data source with `data.`."""
        edit = self.edits[0]
        return f"data.{edit.type}" if edit.kind == "data" else edit.type

    @property
    def class_(self) -> tuple[str, str, str]:
        """The type, the argument and the kind of change."""
        return self.type, self.argument, self.change

    @property
    def id(self) -> str:
        """A text that no other mutant of the design has."""
        edit, *others = self.edits
        where = f"{edit.stack}/{self.type}.{edit.name}"
        if others:
            where = f"{without_region(where)} in {len(self.edits)} places"
        change = f"{self.place or 'resource'} {self.change}"
        return f"{where}: {change}{self.detail and f' ({self.detail})'}"


class BaseDesign:
    """The stacks of an environment without a mutant; `folder` has them with their files."""

    def __init__(self, settings: Settings, documents: Documents, folder: Path) -> None:
        self.settings, self.documents, self.folder = settings, documents, folder
        self._stacks = {
            name: read_configuration(name, document) for name, document in documents.items()
        }

    @classmethod
    def synthesized(cls, settings: Settings, folder: Path) -> Self:
        """Synthesize an environment into a folder that does not exist yet."""
        RUNTIME.get().synthesize([settings], folder)
        return cls(settings, documents(settings, folder), folder)

    @cached_property
    def resources(self) -> ResourceSet:
        """The resources without a mutant."""
        return ResourceSet(self._stacks.values())

    def resource(self, edit: Edit) -> Resource:
        """Return the resource that an edit changes, as it is without the mutant."""
        return self._by_place[edit.stack, edit.kind, edit.type, edit.name]

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, ...], Resource]:
        kinds: Mapping[str, Kind] = {"managed": "resource", "data": "data"}
        return {
            (resource.stack, kinds[resource.mode], resource.type, resource.name): resource
            for stack in self._stacks.values()
            for resource in stack.resources
        }

    def file(self, stack: str, name: str) -> Path:
        """Return the path of a file that a stack names; it may not exist."""
        return stack_file(self.folder, stack).parent / name

    def has_output(self, reader: Json, state: str, output: str) -> bool:
        """Whether the stack behind a remote state of a document has an output, or is not ours."""
        config = reader["data"]["terraform_remote_state"][state]["config"]
        for document in self.documents.values():
            backend = document["terraform"]["backend"]["s3"]
            if all(backend[key] == config[key] for key in ("bucket", "key")):
                return output in document.get("output", {})
        return True

    def mutated_documents(self, mutant: Mutant) -> Mapping[str, Json]:
        """Return the documents that a mutant changes, with the mutant."""
        changed = dict[str, Json]()
        for edit in mutant.edits:
            document = changed.setdefault(edit.stack, dict(self.documents[edit.stack]))
            document[edit.kind] = types = dict(document[edit.kind])
            types[edit.type] = named = dict(types[edit.type])
            if not edit.root:
                del named[edit.name]
                continue
            named[edit.name] = body = dict(named[edit.name])
            if edit.value is None:
                del body[edit.root]
            else:
                body[edit.root] = edit.value
        return changed

    def mutated(self, mutant: Mutant) -> ResourceSet:
        """Return the resources of all stacks, with the mutant."""
        return self.with_documents(self.mutated_documents(mutant))

    def with_documents(self, documents: Mapping[str, Json]) -> ResourceSet:
        """Return the resources of all stacks, some with other documents."""
        changed = {name: read_configuration(name, each) for name, each in documents.items()}
        return ResourceSet({**self._stacks, **changed}.values())
