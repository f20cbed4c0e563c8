"""The CDKTF app of one or more environments."""

import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from iot_dr.bindings import warmed_up

warmed_up()

from cdktf import App  # noqa: E402 - not before the other thread has it

from environments.settings import Settings  # noqa: E402 - as above
from stacks.own_code import own_code, stack_error  # noqa: E402 - as above
from stacks.own_stacks import own_stacks  # noqa: E402 - as above
from stacks.stage import IotPlatformStage  # noqa: E402 - as above


def stage(app: App, settings: Settings) -> IotPlatformStage:
    """Return the stage of an environment, with the own stacks that its project declares."""
    with _own_code([settings]):
        own = own_stacks(settings)
        return IotPlatformStage(
            app,
            settings,
            regional=[each.stack_class for each in own if each.stack_class and each.is_regional],
            global_=[each.stack_class for each in own if each.stack_class and not each.is_regional],
        )


def build(environments: Iterable[Settings], outdir: Path | None = None) -> App:
    """Return the app with the stages of the environments; CDKTF chooses `outdir` if None."""
    app = App(outdir=str(outdir) if outdir else None)
    for settings in environments:
        for message in stage(app, settings).refused:
            sys.stderr.write(f"warning: {message}\n")
    return app


def write(environments: Sequence[Settings], folder: Path) -> None:
    """Synthesize the environments into an empty folder; raises SettingsError for own stacks."""
    with _own_code(environments):
        build(environments, folder).synth()


def _own_code(environments: Iterable[Settings]) -> AbstractContextManager[None]:
    """Return the context of methods, aspects and validations of own stacks, which CDKTF calls."""
    if not any(settings.has_own_stacks for settings in environments):
        return nullcontext()
    return own_code("an own stack", partial(stack_error, stack="own stacks"))
