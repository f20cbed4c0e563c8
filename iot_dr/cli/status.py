"""`iot-dr status`: which region answers the device name now, and why."""

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Annotated

import typer
from rich.live import Live
from rich.text import Text

from environments.loader import load_without_cross_checks
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.status_report import StatusReport
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.observer import Observer

Looks = Iterator[StatusReport]


def status(
    env: EnvironmentOption = "dev",
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again every 5 seconds, until Ctrl-C.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show which region answers the device name now, and why.

    Asked, at the same time and for 6 s at the most: Route 53's checkers, the zone's name servers,
    this machine's resolvers and public ones, each region by a TLS handshake, the switches, the
    states and their copies, and the quotas. What does not answer is `unknown`; without credentials
    DNS and TLS remain. Exit 0 when all is well, 3 when degraded, 1 when nothing could be seen, 2
    for a mistake in the settings. With --watch a line tells each change; on a terminal all of it is
    kept current.

    Example: iot-dr status --env dev
    """
    raise typer.Exit(run(env, watch=watch, as_json=as_json))


def run(environment: str, *, watch: bool, as_json: bool) -> int:
    """Print what is seen; return the exit status.

    With `watch` it goes on until Ctrl-C, which is raised as KeyboardInterrupt.
    """
    asked = Network.current()
    looks = _looks(Observer.of(load_without_cross_checks(environment), asked), asked.limits.pause)
    if watch:
        show = _json_lines if as_json else _redraw if sys.stdout.isatty() else _lines
        show(looks)
    seen = next(looks)
    typer.echo(seen.json() if as_json else seen.text())
    return seen.exit_status


def _looks(observer: Observer, pause: float) -> Looks:
    while True:
        yield StatusReport(observer.observe())
        time.sleep(pause)


def _redraw(looks: Looks) -> None:
    with Live(auto_refresh=False, vertical_overflow="crop") as live:
        for seen in looks:
            live.update(Text(seen.text(), no_wrap=True, overflow="crop"), refresh=True)


def _lines(looks: Looks) -> None:
    before: Mapping[str, str] = {}
    for seen in looks:
        facts = seen.facts()
        for line in changes(before, facts):
            typer.echo(f"{seen.seen.taken:%H:%M:%SZ} {line}")
        before = facts


def _json_lines(looks: Looks) -> None:
    before: Mapping[str, str] = {}
    for seen in looks:
        facts = seen.facts()
        if facts != before:
            typer.echo(seen.json(indent=None))
        before = facts


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Return what is not as it was, a line for each fact; at first all of it."""
    for what, told in now.items():
        if before.get(what) != told:
            was = f" (was: {before[what]})" if what in before else ""
            yield f"{what}: {told}{was}"
    yield from (f"{what}: no longer asked" for what in before if what not in now)
