"""The public API for an app: what a project's own app and stacks import.

Semantic versioning applies to the names in `__all__`. In an installed wheel only this module and
`iot_dr.judging` have stable names (docs/adr/0030-packages-in-one-order.md).
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from environments.errors import SettingsError
from environments.loader import load as load_settings
from environments.selection import load_all
from environments.settings import Settings
from iot_dr.common.extra import missing_extra
from iot_dr.common.full_disk import error_line
from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.fresh import refuse_without_buckets
from iot_dr.generate.synthesis import synthesize, synthesize_over
from modules.permissions.permission import Permission
from stacks.graph import StackNode
from stacks.own_code import EndlessThreadError

if TYPE_CHECKING:
    from iot_dr.generate.judged_stage import JudgedStage as IotPlatformStage
    from stacks.base_stack import BaseStack
    from stacks.pipeline_stack import CICDPipelineStack

__all__ = [
    "BaseStack",
    "CICDPipelineStack",
    "IotPlatformStage",
    "Permission",
    "Settings",
    "SettingsError",
    "StackNode",
    "UserError",
    "load_settings",
    "main",
    "synthesize",
]


def __getattr__(name: str) -> object:
    """Import a stack class at its first use: it starts the engine, whose errors `main` reports."""
    if name == "BaseStack":
        from stacks import base_stack  # noqa: PLC0415 - see above

        return base_stack.BaseStack
    if name == "CICDPipelineStack":
        from stacks import pipeline_stack  # noqa: PLC0415 - see above

        return pipeline_stack.CICDPipelineStack
    if name == "IotPlatformStage":
        from iot_dr.generate import judged_stage  # noqa: PLC0415 - see above

        return judged_stage.JudgedStage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> int:
    """Synthesize the environment that `ENV` names, dev by default, for cdktf; return the status.

    The output folder is the one that cdktf names, or cdktf.out. The status is 2 for a mistake in
    the settings or the folder, or if the engine is not installed. It is 1 if a rule blocks the
    design, if the system refuses something such as starting Node, or if no bucket for a state
    exists.
    """
    try:
        environments = load_all(os.environ.get("ENV") or "dev")
        if out := os.environ.get("CDKTF_OUTDIR"):
            refuse_without_buckets(environments)
        synthesize_over(environments, Path(out or "cdktf.out"))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        if isinstance(error, EndlessThreadError):
            os._exit(2)
        return 2
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.status
    except ModuleNotFoundError as error:
        missing = missing_extra(error)
        if missing is None:
            raise
        sys.stderr.write(f"{missing}\n")
        return missing.status
    except OSError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return 1
    return 0
