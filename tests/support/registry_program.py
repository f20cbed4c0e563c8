"""The command `iot-dr` that takes a fleet for settled at once, and not after a quiet minute."""

from iot_dr.cli import main
from iot_dr.registry import sync

if __name__ == "__main__":
    sync.QUIET_SECONDS = 0.0  # pyright: ignore[reportConstantRedefinition] - no test waits so long
    main()
