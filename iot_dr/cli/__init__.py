"""The command `iot-dr`: a file or a folder for each of its commands, imported when it is called."""

import os
import sys
from pathlib import Path
from typing import Final

from environments.errors import SettingsError
from iot_dr.cli.lazy import lazy_group
from iot_dr.common.full_disk import error_line
from iot_dr.common.user_error import UserError
from iot_dr.terraform.diagnostic import TerraformError

_USAGE: Final = 2
_FAILED: Final = 1
_INTERRUPTED: Final = 130

_COMMANDS: Final = {
    "synth": "Write the Terraform JSON of every stack of an environment.",
    "graph": "Print the stacks of an environment and what each needs, or the waves of its rollout.",
    "plan": "Plan every stack of an environment, in the order in which they go.",
    "review": "Plan an environment, or read its plans, and tell a reviewer what they mean.",
    "apply": "Apply kept plans, by their hashes, in the order in which the stacks go.",
    "comment": "Write a review onto its pull request on GitHub, as one comment for each"
    " environment.",
    "reviewed": "Print the id of the workflow's run that reviewed the pull request behind a"
    " commit.",
    "validate": "Validate every stack against the schema of the pinned AWS provider; no account is"
    " needed.",
    "emit": "Write Terraform modules, made of what the stacks are made of, that need no Python.",
    "check": "Judge Terraform JSON, ours or not, by the disaster-recovery rules; exit 1 for a"
    " block.",
    "rto": "Predict the recovery time from the settings, term by term, and what would shorten it.",
    "status": "Show which region answers the device name now, and how all that decides it stands.",
    "rotate": "Replace a region's server certificate, while another region takes the devices.",
    "deploy": "Deploy every stack of an environment with cdktf, in the order in which they go.",
    "destroy": "Destroy the entry point and the regional stacks; the zone, its data and all states"
    " stand.",
    "acceptance": "Deploy to an account, verify the failover there, and remove what may be"
    " removed.",
    "drill": "Rehearse failovers on this machine, and simulate what a large fleet would do.",
    "env": "Show, check and make the files in environments/.",
    "pipeline": "Guard the builds of a pipeline, choose which one is active, write waves as a"
    " workflow.",
    "registry": "Compare the device registries of regions, watch them, bring them into step.",
    "role": "Show what another primary would change.",
    "sandbox": "Apply an environment on this machine, without an account or a network.",
    "state": "Make the state buckets, look at states and copies, take back a lock, promote a copy.",
    "switch": "Take devices away from a region, or give them back.",
}

app = lazy_group(__name__, _COMMANDS, destroy="deploy")
app.name = "iot-dr"
app.help = "Terraform for IoT platforms that survive the loss of an AWS region."


def main() -> None:
    """Run the command line; exit 2 for a mistake in settings or arguments, 130 for Ctrl-C."""
    try:
        app()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_USAGE)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.status)
    except (OSError, TerraformError) as error:
        message = error_line(error) if isinstance(error, OSError) else str(error)
        sys.stderr.write(f"{message}\n")
        _drop_unwritten()
        sys.exit(_FAILED)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _drop_unwritten() -> None:
    """Drop what stdout cannot take: Python would try again at the end, and tell it as its own."""
    try:
        sys.stdout.flush()
    except OSError:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
