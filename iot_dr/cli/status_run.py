"""The work of `iot-dr status`."""

import sys
import time
from collections.abc import Iterator, Mapping

import typer

from environments.loader import load_alone
from iot_dr.cli.status_report import StatusReport
from iot_dr.cli.status_text import text
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.observer import Observer

Looks = Iterator[StatusReport]


def run(environment: str, *, watch: bool, as_json: bool, network: Network | None = None) -> int:
    """Print what is seen, of this `network` or the public one; give the exit status.

    With `watch` it goes on until Ctrl-C, which is raised as KeyboardInterrupt.
    """
    asked = network or Network.public()
    looks = _looks(Observer.of(load_alone(environment), asked), asked.limits.pause)
    if watch:
        show = _json_lines if as_json else _redraw if sys.stdout.isatty() else _lines
        show(looks)
    seen = next(looks)
    typer.echo(seen.json() if as_json else text(seen))
    return seen.exit_status


def _looks(observer: Observer, pause: float) -> Looks:
    while True:
        yield StatusReport(observer.look())
        time.sleep(pause)


def _redraw(looks: Looks) -> None:
    from rich.live import Live  # noqa: PLC0415 - only a terminal pays for it
    from rich.text import Text  # noqa: PLC0415 - as above

    with Live(auto_refresh=False, vertical_overflow="crop") as live:
        for seen in looks:
            live.update(Text(text(seen), no_wrap=True, overflow="crop"), refresh=True)


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
    """Tell what is not as it was; at first all of it."""
    for what, told in now.items():
        if before.get(what) != told:
            was = f" (was: {before[what]})" if what in before else ""
            yield f"{what}: {told}{was}"
    yield from (f"{what}: no longer asked" for what in before if what not in now)
