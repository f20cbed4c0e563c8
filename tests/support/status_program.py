"""The command `iot-dr` with name servers and regions on loopback in the place of the public ones.

The first argument is the network, as `loopback.written` writes it. A watch looks again after a
tenth of a second.
"""

import sys
from dataclasses import replace

from iot_dr.cli import main
from iot_dr.status.network import Limits, Network
from tests.support import loopback

if __name__ == "__main__":
    network = replace(loopback.network(sys.argv.pop(1)), limits=Limits(pause=0.1))
    Network.public = lambda: network
    main()
