"""What commands synthesize in a test process, made once for all of them."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from environments.settings import Settings
from iot_dr.common.output_folder import replaced
from iot_dr.generate.synthesis import synthesize
from tests.support.made_once import copied

# All that work on what was synthesized; the command that only synthesizes does so each time.
_WORK_ON_IT: Final = (
    *(
        "iot_dr.delivery.planning",
        "iot_dr.delivery.apply.application",
        "iot_dr.delivery.sandboxing",
        "iot_dr.operate.role.planning",
    ),
    *(
        "iot_dr.delivery.state.preparation",
        "iot_dr.delivery.validation",
        "iot_dr.operate.rotate.workbench",
    ),
    "iot_dr.drill.world.reading",
)


def synthesize_once(environments: Sequence[Settings], out: Path) -> None:
    """Write what `synthesize` writes, or a copy of what it wrote for the same settings before.

    They give the same bytes: tests/scenarios/test_synth_command.py holds that.
    """
    key = " ".join(each.model_dump_json() for each in environments)
    with replaced(out) as fresh:
        copied(f"output {key}", lambda folder: synthesize(environments, folder), fresh)


@contextmanager
def synthesized_once() -> Generator[None]:
    """Let commands in this process use what was synthesized for the same settings before."""
    with pytest.MonkeyPatch.context() as patch:
        for module in _WORK_ON_IT:
            patch.setattr(f"{module}.synthesize", synthesize_once)
        yield
