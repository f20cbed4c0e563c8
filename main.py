"""The CDKTF app: settings in, stages out."""

import os
import sys

from environments.errors import SettingsError
from environments.selection import load_all
from iot_dr.app import build


def main() -> int:
    """Synthesize the environment that `ENV` names, dev when unset; 2 for a mistake in it."""
    try:
        environments = load_all(os.environ.get("ENV") or "dev")
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    build(environments).synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
