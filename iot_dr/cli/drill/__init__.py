"""`iot-dr drill`: proves on this machine that devices fail over, before an outage does."""

from typing import Final

from iot_dr.cli.lazy import lazy_group

_COMMANDS: Final = {
    "run": "Rehearse outages of an environment with real brokers, TLS and DNS, from its own"
    " Terraform.",
    "list": "List the kinds of outages, and what each should do to the devices of an environment.",
    "simulate": "Simulate an outage with the settings of an environment, beside what `iot-dr rto`"
    " predicts.",
    "sweep": "Simulate the loss of a region with each combination of settings, and tell which to"
    " change.",
}

app = lazy_group(__name__, _COMMANDS)
