"""The made-up AWS account, with record changes as strict as Route 53's."""

import os
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from iot_dr.drill.play import account as own
from iot_dr.drill.play.account import variables
from iot_dr.drill.play.faults import Reply
from tests.support.strict_records import fix_record_changes

DENIED = Reply.of_json({"__type": "AccessDeniedException", "message": "not authorized"}, 400)
"""The answer of a JSON service to a request that IAM denies."""


def lead_to(endpoint: str, patch: pytest.MonkeyPatch) -> None:
    """Direct this process's own clients to an account, and to nothing else."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in variables(endpoint).items():
        patch.setenv(name, value)


@contextmanager
def account(account_id: str) -> Generator[str]:
    """Serve an empty account for a `with` block; yields its endpoint on the loopback interface."""
    with own.account(account_id, __name__) as endpoint:
        yield endpoint


if __name__ == "__main__":
    fix_record_changes()
    own.main()
    os._exit(0)
