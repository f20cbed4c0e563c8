"""`iot-dr pipeline activate`: the pipeline of another region becomes the active one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from environments.project import environments_folder
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.delivery.pipeline.activation import Activation, pipeline_name


def activate(
    region: Annotated[
        str, typer.Option(help="The region whose pipeline is to roll out.", metavar="REGION")
    ],
    env: EnvironmentOption = "dev",
    as_json: JsonOption = False,
) -> None:
    """Make a region's pipeline the active one, in the settings file.

    Nothing else changes, and nothing in AWS: it takes effect with the commit. From then on the
    other pipeline goes on with nothing.

    Example: iot-dr pipeline activate --env dev --region eu-central-1
    """
    activation = Activation.of(env, region, environments_folder())
    activation.write()
    report = ActivationReport(activation)
    typer.echo(report.json() if as_json else report.text())


@dataclass(frozen=True)
class ActivationReport:
    """What the file says now, what is left to do, and the way back."""

    activation: Activation

    @property
    def commands(self) -> tuple[str, ...]:
        """What makes it take effect, in this order; nothing where nothing changes."""
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
    def way_back(self) -> str:
        """The command that makes the former pipeline the active one."""
        made = self.activation
        return f"iot-dr pipeline activate --env {made.settings.environment} --region {made.former}"

    @property
    def file(self) -> str:
        """The file as it is named in the repository."""
        return f"{self.activation.file.parent.name}/{self.activation.file.name}"

    def text(self) -> str:
        """Return it in sentences and commands."""
        return "\n".join(self._lines())

    def json(self) -> str:
        """Return the same as JSON."""
        made = self.activation
        document = {
            "environment": made.settings.environment,
            "file": self.file,
            "changed": made.is_change and made.is_here,
            "from": made.former,
            "to": made.region,
            "commands": self.commands,
            "rollback_command": self.way_back if made.is_change else None,
        }
        return json.dumps(with_old_keys("pipeline activate", document), indent=2)

    def _lines(self) -> Iterator[str]:
        made = self.activation
        environment, former, region = made.settings.environment, made.former, made.region
        if not made.is_here:
            yield from self._elsewhere()
            return
        if not made.is_change:
            yield f"{environment}: the pipeline of {region} is the active one already: no change."
            return
        yield f"{self.file}: pipeline.active_region: {former} -> {region}"
        yield f"It takes effect with the commit, from which on the pipeline of {former} refuses:"
        yield from (f"  {command}" for command in self.commands)
        yield f"What began in {former} before that goes on with its own commit: reject what waits"
        yield "for an approval there, and let nothing be approved in two regions."
        yield "Way back, by the same steps:"
        yield f"  {self.way_back}"

    def _elsewhere(self) -> Iterator[str]:
        """Return why nothing is changed yet, and all commands that change it."""
        made = self.activation
        *before, own = made.branches
        earlier = f"{' and '.join(before)} {_hold(before)}"
        yield f"Nothing is changed yet. {own} takes only what {earlier} too: the"
        yield f"change goes on top of origin/{own}, is merged into the others, and is pushed to all"
        yield "at once. Nothing else that waits on them is released so. In a clean working tree:"
        yield from (f"  {command}" for command in self.commands)
        yield "A merge that stops at a conflict: mend it, `git commit`, and go on. A push that is"
        yield "refused, as a branch has moved on, has changed none: begin with the first command."


def _pushing(branches: tuple[str, ...]) -> Iterator[str]:
    """Bring the commit to every branch: each holds what the next one is pushed."""
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


def _hold(branches: list[str]) -> str:
    return "holds" if len(branches) == 1 else "hold"
