"""What commands synthesize in a test process, made once for all of them."""

from collections.abc import Sequence
from pathlib import Path

from environments.settings import Settings
from iot_dr.common.output_folder import replacing_folder
from iot_dr.generate.synthesis import synthesize
from iot_dr.terraform.runtime import Runtime
from tests.support.made_once import copied


class SynthesizedOnce(Runtime):
    """A runtime whose commands work on what was synthesized for the same settings before."""

    def synthesize(self, environments: Sequence[Settings], out: Path) -> None:
        """Write what `synthesize` writes, or a copy of what it wrote before.

        They give the same bytes: tests/scenarios/test_synth_command.py holds that.
        """
        key = " ".join(each.model_dump_json() for each in environments)
        with replacing_folder(out) as fresh:
            copied(f"output {key}", lambda folder: synthesize(environments, folder), fresh)
