"""`iot-dr pipeline activate`: makes another region's pipeline the active one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from environments.project import environments_folder
from iot_dr.cli.json_output import print_report
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.delivery.pipeline.activation import Activation, pipeline_name


def activate(
    region: Annotated[
        str, typer.Option(help="The region whose pipeline rolls out from now on.", metavar="REGION")
    ],
    env: EnvironmentOption = "dev",
    as_json: JsonOption = False,
) -> None:
    """Make a region's pipeline the active one, in the settings file.

    Nothing changes in AWS until the file is committed and pushed. From that commit on, the other
    pipeline refuses to roll out.

    Example: iot-dr pipeline activate --env dev --region eu-central-1
    """
    activation = Activation.of(env, region, environments_folder())
    activation.write()
    report = ActivationReport(activation)
    print_report("pipeline activate", report, environment=env, as_json=as_json)


@dataclass(frozen=True)
class ActivationReport:
    """The change to the file, the remaining commands, and the rollback."""

    activation: Activation

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that put it into effect, in this order; empty if nothing changes."""
        made = self.activation
        if not made.is_change and made.is_here:
            return ()
        environment, region = made.settings.environment, made.region
        name = pipeline_name(made.settings, region)
        return (
            *(() if made.is_here else self._checking_out()),
            f'git commit -m "Roll {environment} out from {region}" {self.file}',
            *_pushing(made.branches),
            f"aws codepipeline start-pipeline-execution --region {region} --name {name}",
        )

    def _checking_out(self) -> tuple[str, ...]:
        made = self.activation
        return (
            "git fetch origin",
            f"git switch --detach origin/{made.branches[-1]}",
            f"iot-dr pipeline activate --env {made.settings.environment} --region {made.region}",
        )

    @property
    def rollback_command(self) -> str:
        """The command that makes the former pipeline the active one."""
        made = self.activation
        return f"iot-dr pipeline activate --env {made.settings.environment} --region {made.former}"

    @property
    def file(self) -> str:
        """The path of the file in the repository."""
        return f"{self.activation.file.parent.name}/{self.activation.file.name}"

    def text(self) -> str:
        """Return sentences and commands."""
        return "\n".join(self._lines())

    def document(self) -> dict[str, Any]:
        """Return the same as JSON values."""
        made = self.activation
        document = {
            "environment": made.settings.environment,
            "file": self.file,
            "changed": made.is_change and made.is_here,
            "from": made.former,
            "to": made.region,
            "commands": self.commands,
            "rollback_command": self.rollback_command if made.is_change else None,
        }
        return with_old_keys("pipeline activate", document)

    def _lines(self) -> Iterator[str]:
        made = self.activation
        environment, former, region = made.settings.environment, made.former, made.region
        if not made.is_here:
            yield from self._elsewhere()
            return
        if not made.is_change:
            yield f"{environment}: the pipeline of {region} is already the active one: no change."
            return
        yield f"{self.file}: pipeline.active_region: {former} -> {region}"
        yield f"It takes effect with a commit; from then on the pipeline of {former} refuses:"
        yield from (f"  {command}" for command in self.commands)
        yield f"An execution that began in {former} before continues with its own commit: reject"
        yield "what waits for an approval there, and approve nothing in two regions."
        yield "Rollback, by the same steps:"
        yield f"  {self.rollback_command}"

    def _elsewhere(self) -> Iterator[str]:
        """Return why the file is unchanged, and the commands that change it."""
        made = self.activation
        *before, own = made.branches
        earlier = f"{' and '.join(before)} {_contain(before)}"
        yield f"Nothing is changed yet. {own} accepts only commits that {earlier} too: commit"
        yield f"the change on top of origin/{own}, merge it into the others, and push all at once."
        yield "Other commits that wait on them are not released. In a clean working tree:"
        yield from (f"  {command}" for command in self.commands)
        yield "If a merge stops at a conflict, resolve it, run `git commit`, and continue. If the"
        yield "push is refused because a branch moved, no branch has changed: start from the first"
        yield "command."


def _pushing(branches: tuple[str, ...]) -> Iterator[str]:
    """Return the commands that merge the commit into every branch, the last branch first."""
    *before, own = branches
    names = {branch: f"activate-{branch}" for branch in branches[1:]}
    last = own
    for branch in reversed(before):
        yield f"git branch --force {names[last]}"
        yield f"git switch --detach origin/{branch}"
        yield f"git merge --no-edit {names[last]}"
        last = branch
    if not before:
        yield f"git push origin HEAD:{own}"
        return
    others = (f"{name}:refs/heads/{branch}" for branch, name in names.items())
    yield " ".join(("git push --atomic origin", f"HEAD:refs/heads/{branches[0]}", *others))


def _contain(branches: list[str]) -> str:
    return "contains" if len(branches) == 1 else "contain"
