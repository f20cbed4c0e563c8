"""`iot-dr status`: what is wrong, the next command, and which region answers the device name."""

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live
from rich.text import Text

from environments.loader import load_without_cross_checks
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.status_report import StatusReport
from iot_dr.cli.text import echo
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.observe.status.network import Network
from iot_dr.observe.status.observer import Observer

Reports = Iterator[StatusReport]


def status(
    env: EnvironmentOption = "dev",
    watch: Annotated[
        bool, typer.Option("--watch", help="Observe again every 5 seconds, until Ctrl-C.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what is wrong, the next command, and which region answers the device name now.

    Queries, concurrently and within 10 s: Route 53's checkers, the zone's name servers, this
    machine's resolvers and public ones, each region by TLS handshakes, AWS IoT's metrics of
    devices, alarms, switches, states and their copies, and quotas. What does not answer is
    `unknown`, and never taken for healthy. Exit 0 when all is well, 3 when degraded, 1 when what
    decides could not be read, 2 for a mistake in the settings. With --watch it prints a line for
    each change, or on a terminal redraws the whole report.

    Example: iot-dr status --env dev
    """
    raise typer.Exit(run(env, watch=watch, as_json=as_json))


def run(environment: str, *, watch: bool, as_json: bool) -> int:
    """Print one report, or with `watch` one after another; return the exit status.

    A watch ends with Ctrl-C, which is raised as KeyboardInterrupt.
    """
    network = Network.current()
    observer = Observer.of(load_without_cross_checks(environment), network)
    folder = sandbox_folder(environment)
    sandbox = folder if folder.exists() else None
    reports = _reports(observer, network.limits.pause, sandbox)
    if watch:
        show = _json_lines if as_json else _redraw if sys.stdout.isatty() else _lines
        show(reports)
    report = next(reports)
    if as_json:
        _print_json(report, indent=2)
    else:
        echo(report.text())
    return report.exit_status


def _reports(observer: Observer, pause: float, sandbox: Path | None) -> Reports:
    while True:
        yield StatusReport(observer.observe(), sandbox)
        time.sleep(pause)


def _redraw(reports: Reports) -> None:
    with Live(auto_refresh=False, vertical_overflow="crop") as live:
        for report in reports:
            live.update(Text(report.text(), no_wrap=True, overflow="crop"), refresh=True)


def _lines(reports: Reports) -> None:
    before: Mapping[str, str] = {}
    for report in reports:
        facts = report.facts()
        for line in changes(before, facts):
            echo(f"{report.seen.taken:%H:%M:%SZ} {line}")
        before = facts


def _json_lines(reports: Reports) -> None:
    before: Mapping[str, str] = {}
    for report in reports:
        facts = report.facts()
        if facts != before:
            _print_json(report, indent=None)
        before = facts


def _print_json(report: StatusReport, indent: int | None) -> None:
    environment = report.seen.settings.environment
    print_document("status", report.document(), report.exit_status, environment, indent)


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Return a line for each fact that changed; all facts if `before` is empty."""
    for subject, fact in now.items():
        if before.get(subject) != fact:
            was = f" (was: {before[subject]})" if subject in before else ""
            yield f"{subject}: {fact}{was}"
    yield from (f"{subject}: no longer queried" for subject in before if subject not in now)
