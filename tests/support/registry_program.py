"""The command `iot-dr` for an environment whose regions are those that `REGIONS` names.

It takes a fleet for settled at once, and not after a quiet minute, and gives a busy machine as long
as it takes.
"""

import os

from environments import loader
from environments.settings import Settings
from iot_dr.aws.clients import Limits
from iot_dr.registry import status, sync

_LOAD = loader.load


def _load(name: str) -> Settings:
    return _LOAD(name).model_copy(update={"regions": tuple(os.environ["REGIONS"].split())})


if __name__ == "__main__":
    sync.QUIET_SECONDS = 0.0  # pyright: ignore[reportConstantRedefinition] - no test waits so long
    status.QUICK = Limits(connect=20, read=60, attempts=1)  # pyright: ignore[reportConstantRedefinition] - as above
    status.SECONDS = 60.0  # pyright: ignore[reportConstantRedefinition] - as above
    # Before the commands take it from there.
    loader.load = _load
    from iot_dr.cli import main

    main()
