"""The Terraform that a world is read from."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.route53.terraform_records import DeclaredNames, declared_names
from iot_dr.terraform_json.argument import resolved_text, whole_number
from iot_dr.terraform_json.files import read_files
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from stacks.platform_graph import platform_graph

DEEPEST: Final = 32
"""As many checks or names below one another as any real design has; a document may have more."""


class WorldError(UserError):
    """What Terraform says is no world: something leads nowhere, or contradicts itself."""


@dataclass(frozen=True, slots=True)
class Design:
    """The resources of an environment, their names, and what is left out, a sentence each."""

    resources: ResourceSet
    names: DeclaredNames
    unrehearsed: list[str] = field(default_factory=list[str])

    def leave_out(self, resource: Resource, what: str) -> None:
        """Note that something of a resource is not rehearsed."""
        sentence = f"{resource.id}: {what}."
        if sentence not in self.unrehearsed:
            self.unrehearsed.append(sentence)

    def word(self, resource: Resource, key: str) -> str | None:
        """Return an argument that is a word, such as a type; None where none is known."""
        return resolved_text(self.resources, resource, resource.values.get(key))

    def whole(self, resource: Resource, key: str, default: int) -> int:
        """Return an argument that is a whole number, `default` where there is none.

        Raises WorldError where it is something else, or is not known.
        """
        value = self.resources.resolve(resource, resource.values.get(key))
        number = default if value is None else whole_number(value)
        if number is None:
            raise error_at(resource, f"{key} is {value!r}, not a whole number")
        return number


def read_design(folder: Path, settings: Settings) -> Design:
    """Read the stacks of an environment from what was synthesized, or planned, into a folder.

    Raises NoFilesError and JsonFileError, as `read_files` does.
    """
    stacks = read_files([folder]).stacks
    ours = {node.name for node in platform_graph(settings).nodes}
    # A folder may hold other environments too, and plans may have any names.
    resources = ResourceSet([each for each in stacks if each.name in ours] or stacks)
    return Design(resources, declared_names(resources))


def error_at(resource: Resource, what: str) -> WorldError:
    """Return an error that says what is wrong with a resource."""
    return WorldError(f"{resource.id}: {what}")
