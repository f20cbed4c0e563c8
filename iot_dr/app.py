"""The CDKTF app of one or more environments."""

from collections.abc import Iterable
from pathlib import Path

from cdktf import App

from environments.settings import Settings
from stacks.stage import IotPlatformStage


def build(environments: Iterable[Settings], outdir: Path | None = None) -> App:
    """Build the stages of the environments; the folder is CDKTF's own choice unless given."""
    app = App(outdir=str(outdir) if outdir else None)
    for settings in environments:
        IotPlatformStage(app, settings)
    return app
