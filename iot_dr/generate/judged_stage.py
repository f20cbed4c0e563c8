"""The stage of an app of one's own, which the rules judge when the app is synthesized."""

from collections.abc import Sequence
from pathlib import Path

import jsii
from cdktf import App
from constructs import IValidation

from environments.settings import Settings
from iot_dr.generate.synthesis import loading_rules
from stacks.base_stack import BaseStack
from stacks.stage import IotPlatformStage


class JudgedStage(IotPlatformStage):
    """All stacks of an environment, with the dependencies of their graph.

    `regional` are a project's own classes of stacks, one stack for each region, and `global_` those
    that exist once; without both they are those that the project's `cdktf.json` names. Raises
    SettingsError for an own stack that is impossible, or whose code raises an exception.

    The stacks are direct children of the app: `cdktf deploy` finds dependencies by a stack's path,
    and only if the path is the stack's name. `app.synth()` runs the rules over them as `main` does,
    and fails with all findings if a rule blocks the design; the app then has no manifest, without
    which cdktf deploys nothing.
    """

    def __init__(
        self,
        app: App,
        settings: Settings,
        *,
        regional: Sequence[type[BaseStack]] | None = None,
        global_: Sequence[type[BaseStack]] | None = None,
    ) -> None:
        loading_rules()
        super().__init__(app, settings, regional=regional, global_=global_)
        # An app's own validations run once all stacks are written, with what aspects changed.
        app.node.add_validation(_Rules(app, self))


@jsii.implements(IValidation)
class _Rules:
    """The rules as a validation of the app; it reads what was written, as `main` does."""

    def __init__(self, app: App, stage: IotPlatformStage) -> None:
        self._app = app
        self._stage = stage

    def validate(self) -> list[str]:
        """Return the findings if a rule blocks the design; print warnings otherwise."""
        from iot_dr.generate.gate import BlockedError, documents, refuse_blocked  # noqa: PLC0415 - loaded while the engine works in Node

        settings = self._stage.settings
        if self._app.hcl_output:
            design = {name: stack.to_terraform() for name, stack in self._stage.stacks.items()}
        else:
            design = documents(settings, Path(self._app.outdir))
        try:
            refuse_blocked([(settings, design)])
        except BlockedError as error:
            return [str(error)]
        return []
