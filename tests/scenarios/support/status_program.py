"""The command `iot-dr` with name servers and regions on loopback instead of the public ones.

The first argument is the network, as `loopback.written` writes it. A watch repeats after a tenth of
a second. The timeout for what never answers is longer than a test, so that no answer comes too late
on a busy machine, and no test passes by a timeout.
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
