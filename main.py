"""The CDKTF app: settings in, stages out."""

import os
import sys
from pathlib import Path

from environments.errors import SettingsError
from environments.selection import load_all
from iot_dr.common.full_disk import error_line
from iot_dr.common.user_error import UserError
from iot_dr.delivery.state.fresh import refuse_without_buckets
from iot_dr.generate.synthesis import synthesize_over


def main() -> int:
    """Synthesize the environment that `ENV` names, dev when unset, to where cdktf wants it.

    Gives 2 for a mistake in the settings or the folder, and 1 when a rule blocks the design, the
    system refuses, as without Node, or cdktf would find no bucket to keep a state in.
    """
    try:
        environments = load_all(os.environ.get("ENV") or "dev")
        if out := os.environ.get("CDKTF_OUTDIR"):
            refuse_without_buckets(environments)
        synthesize_over(environments, Path(out or "cdktf.out"))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.status
    except OSError as error:
        sys.stderr.write(f"{error_line(error)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
