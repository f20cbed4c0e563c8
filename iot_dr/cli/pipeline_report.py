"""What became of making a pipeline the active one, for people and for machines."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from iot_dr.pipeline.activation import Activation, pipeline_name


@dataclass(frozen=True)
class ActivationReport:
    """Tells what the file says now, what is left to do, and the way back."""

    activation: Activation

    @property
    def commands(self) -> tuple[str, ...]:
        """What makes it take effect, in this order; nothing where nothing changed."""
        made = self.activation
        if not made.is_change:
            return ()
        environment, region = made.settings.environment, made.region
        name = pipeline_name(made.settings, region)
        *before, own = made.branches
        return (
            *(f"git fetch origin && git switch --detach origin/{own}" for _ in before),
            f'git commit -m "Roll {environment} out from {region}" {self.file}',
            *(f"git push origin HEAD:refs/heads/activate-{region}" for _ in before),
            f"git push origin HEAD:{own}",
            f"aws codepipeline start-pipeline-execution --region {region} --name {name}",
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
        """Give it in sentences and commands."""
        return "\n".join(self._lines())

    def json(self) -> str:
        """Give the same as JSON."""
        made = self.activation
        document = {
            "environment": made.settings.environment,
            "file": self.file,
            "changed": made.is_change,
            "from": made.former,
            "to": made.region,
            "commands": self.commands,
            "way_back": self.way_back if made.is_change else None,
        }
        return json.dumps(document, indent=2)

    def _lines(self) -> Iterator[str]:
        made = self.activation
        environment, former, region = made.settings.environment, made.former, made.region
        if not made.is_change:
            yield f"{environment}: the pipeline of {region} is the active one already: no change."
            return
        yield f"{self.file}: pipeline.active: {former} -> {region}"
        yield f"It takes effect with the commit, from which on the pipeline of {former} refuses:"
        yield from (f"  {command}" for command in self.commands)
        *before, own = made.branches
        for branch in before:
            yield f"Merge activate-{region} into {branch} before the push to {own}, which takes"
            yield f"only what {branch} holds; nothing else that waits there is released so."
        yield f"What began in {former} before that goes on with its own commit: reject what waits"
        yield "for an approval there, and let nothing be approved in two regions."
        yield "Way back, by the same steps:"
        yield f"  {self.way_back}"
