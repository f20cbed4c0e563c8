"""The Terraform resources that a world is read from."""

from dataclasses import dataclass, field
from pathlib import Path

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.design.notes import Sentences
from iot_dr.route53.terraform_records import DeclaredNames, declared_names
from iot_dr.terraform_json.argument import resolved_text, whole_number
from iot_dr.terraform_json.files import read_files
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from stacks.platform_graph import platform_graph


class WorldError(UserError):
    """The Terraform is inconsistent: a reference has no target, or values contradict each other."""


@dataclass(frozen=True, slots=True)
class RigDesign:
    """The resources and DNS names of an environment.

    `unrehearsed` are sentences about what is not rehearsed, `not_understood` about what makes a
    rehearsal invalid.
    """

    resources: ResourceSet
    names: DeclaredNames
    unrehearsed: list[str] = field(default_factory=list[str])
    not_understood: Sentences = field(default_factory=Sentences)

    def leave_out(self, resource: Resource, reason: str) -> None:
        """Note that a part of a resource is not rehearsed."""
        sentence = f"{resource.id}: {reason}."
        if sentence not in self.unrehearsed:
            self.unrehearsed.append(sentence)

    def argument_text(self, resource: Resource, key: str) -> str | None:
        """Return an argument that is one word, such as a type; None if missing or unknown."""
        return resolved_text(self.resources, resource, resource.values.get(key))

    def argument_number(self, resource: Resource, key: str, default: int) -> int:
        """Return an argument that is a whole number, or `default` if it is missing.

        Raises WorldError for another or an unknown value.
        """
        value = self.resources.resolve(resource, resource.values.get(key))
        number = default if value is None else whole_number(value)
        if number is None:
            raise error_at(resource, f"{key}: must be a whole number, not {value!r}")
        return number


def read_design(folder: Path, settings: Settings) -> RigDesign:
    """Read the stacks of an environment from a folder of synthesized stacks or plans as JSON.

    Raises NoFilesError and JsonFileError, as `read_files` does.
    """
    stacks = read_files([folder]).stacks
    ours = {node.name for node in platform_graph(settings).nodes}
    # A folder may also contain other environments, and plans may have any names.
    resources = ResourceSet([each for each in stacks if each.name in ours] or stacks)
    return RigDesign(resources, declared_names(resources))


def error_at(resource: Resource, problem: str) -> WorldError:
    """Return an error about a resource."""
    return WorldError(f"{resource.id}: {problem}")
