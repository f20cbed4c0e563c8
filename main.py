"""The CDKTF app: settings in, stages out."""

import os
import sys
from pathlib import Path

from environments.errors import SettingsError
from environments.selection import load_all
from iot_dr.app import build
from iot_dr.gate import BlockedError, documents, refuse_blocked


def main() -> int:
    """Synthesize the environment that `ENV` names, dev when unset.

    Gives 2 for a mistake in it, and 1 when a rule blocks its design.
    """
    try:
        environments = load_all(os.environ.get("ENV") or "dev")
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    app = build(environments)
    app.synth()
    try:
        refuse_blocked((each, documents(each, Path(app.outdir))) for each in environments)
    except BlockedError as error:
        sys.stderr.write(f"{error}\n")
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
