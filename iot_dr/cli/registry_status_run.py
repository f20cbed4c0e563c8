"""The work of `iot-dr registry status`."""

import typer

from environments.loader import load_alone
from iot_dr.cli.registry_status_report import status_json, status_lines
from iot_dr.operate.registry.status import StatusReader

_BEHIND = 3


def run(environment: str, hours: float, older: float, *, as_json: bool) -> int:
    """Print the status; give the exit status: 0 well, 3 parked or too old."""
    seen = StatusReader.of(load_alone(environment)).read(hours)
    lines = status_lines(environment, seen)
    typer.echo(status_json(environment, seen) if as_json else "\n".join(lines))
    return _BEHIND if seen.is_behind(older) else 0
