"""`iot-dr status`: which region answers the device name now, and why."""

from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JsonOption

_WatchOption = Annotated[
    bool,
    typer.Option("--watch", help="Look again every 5 seconds, until Ctrl-C."),
]


def status(
    env: EnvironmentOption = "dev", watch: _WatchOption = False, as_json: JsonOption = False
) -> None:
    """Show which region answers the device name now, and how all that decides it stands.

    Asked, at the same time and for 6 s at the most: Route 53's checkers, the zone's name servers,
    this machine's resolvers and public ones, each region by a TLS handshake, the switches, the
    states and their copies, and the quotas. What does not answer is `unknown`; without credentials
    DNS and TLS remain. Exit 0 when all is well, 3 when degraded, 1 when nothing could be seen, 2
    for a mistake in the settings. With --watch a line tells each change; on a terminal all of it is
    kept current.

    Example: iot-dr status --env dev
    """
    from iot_dr.cli.status_run import run  # noqa: PLC0415 - help must not wait for it

    raise typer.Exit(run(env, watch=watch, as_json=as_json))
