"""`iot-dr registry`: whether the regions hold the same devices, and what is done when not."""

from typing import Final

from iot_dr.cli.lazy import lazy_group

_COMMANDS: Final = {
    "diff": "Compare all that two regions hold: types, groups, policies, certificates, things,"
    " shadows.",
    "status": "Show what each region holds, how late it took it over, and what it has not taken"
    " over yet.",
    "sync": "Have regions compare what they hold with the table now, and watch until nothing is"
    " left.",
    "seed": "Bring a new region, or one that was away for long, to what another one holds.",
}

app = lazy_group(__name__, _COMMANDS)
