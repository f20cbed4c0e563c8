"""The command `iot-dr` with name servers and regions on loopback in the place of the public ones.

The first argument is the network, as `loopback.written` writes it. A watch looks again after a
tenth of a second. What never answers is waited for longer than a test runs, so that no answer comes
too late on a busy machine, and no test passes by a limit.
"""

import sys
from dataclasses import replace

from iot_dr.cli import main
from iot_dr.observe.aws.clients import CallLimits as AwsLimits
from iot_dr.observe.status.network import NETWORK, QueryLimits
from tests.support import loopback

LIMITS = QueryLimits(
    dns=100, tls=100, total=100, pause=0.1, aws=AwsLimits(connect=100, read=100, attempts=1)
)

if __name__ == "__main__":
    network = replace(loopback.network(sys.argv.pop(1)), limits=LIMITS)
    NETWORK.set(network)
    main()
