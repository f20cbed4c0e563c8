"""One region as a program of its own: an emulator, and a relay that adds a round trip.

The argument is the round trip in seconds. The first line of output is the emulator's address and
the relay's; it ends with its standard input.
"""

import sys
import time
from typing import Final

from tests.support.aws_account import account
from tests.support.aws_faults import Reply, Request, faults_before

ACCOUNT: Final = "111111111111"
"""The account of the region."""

_NONE: Final = Reply(200, b'{"certificates": []}', "application/json")


def main() -> None:
    """Serve until standard input ends."""
    round_trip = float(sys.argv[1])

    def late(request: Request) -> Reply | None:
        time.sleep(round_trip)
        # moto does not list them.
        return _NONE if request.path.startswith("/cacertificates") else None

    with account(ACCOUNT) as moto, faults_before(moto) as faults:
        faults.answers.append(late)
        sys.stdout.write(f"{moto} {faults.endpoint}\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
