"""Synthesized stacks, created once for all commands of a test process."""

from collections.abc import Sequence
from pathlib import Path

from environments.settings import Settings
from iot_dr.common.output_folder import replacing_folder
from iot_dr.generate.synthesis import synthesize
from iot_dr.terraform.runtime import Runtime
from tests.support.made_once import copied


class SynthesizedOnce(Runtime):
    """A runtime whose commands reuse what was synthesized for the same settings."""

    def synthesize(self, environments: Sequence[Settings], out: Path) -> None:
        """Write the output of `synthesize`, or a copy of an earlier one.

        They are the same bytes, which tests/scenarios/test_synth_command.py checks.
        """
        key = " ".join(each.model_dump_json() for each in environments)
        with replacing_folder(out) as fresh:
            copied(f"output {key}", lambda folder: synthesize(environments, folder), fresh)
