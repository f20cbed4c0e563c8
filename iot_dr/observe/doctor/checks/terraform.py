"""The Terraform or OpenTofu of this machine, which a deploy runs."""

import os
from collections.abc import Iterator

from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok
from iot_dr.terraform.engine import OLDEST, Engine, EngineError


def examine(_: Account) -> Iterator[AccountFinding]:
    """Yield which one runs, and whether its S3 backend has the lock file of the states."""
    try:
        version = Engine.chosen(os.environ).version()
    except EngineError as error:
        yield missing(error.problem, error.remedy, blocks=True)
    else:
        yield ok(f"{version}; the states' lock file needs {OLDEST}")
