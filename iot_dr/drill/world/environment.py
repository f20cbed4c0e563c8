"""The world of an environment, from the Terraform that its settings synthesize to."""

from pathlib import Path
from tempfile import TemporaryDirectory

from environments.settings import Settings
from iot_dr.drill.world.plan import read_world
from iot_dr.drill.world.world import World
from iot_dr.generate.synthesis import synthesize


def synthesized_world(settings: Settings) -> World:
    """Synthesize an environment into a folder that is removed again, and read its world.

    Raises BlockedError when a rule blocks what was synthesized, and what `read_world` raises.
    """
    with TemporaryDirectory(prefix="iot-dr-drill-") as scratch:
        out = Path(scratch) / "out"
        synthesize([settings], out)
        return read_world(out, settings)
