"""`iot-dr doctor`: what an AWS account lacks for an environment."""

import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import Annotated, Any, Final

import typer

from environments.loader import load_without_cross_checks
from environments.settings import Settings
from iot_dr.cli.json_output import print_document, print_report
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.progress import CountProgress
from iot_dr.cli.text import echo, terminal_width
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.plain_text import NARROW_WIDTH, plain
from iot_dr.common.user_error import UserError
from iot_dr.generate.gate import documents
from iot_dr.observe.doctor.account import Account, synthesized
from iot_dr.observe.doctor.catalogue import CHECKS
from iot_dr.observe.doctor.check import CheckResult
from iot_dr.observe.doctor.examination import examine
from iot_dr.observe.doctor.finding import AccountFinding, Status
from iot_dr.observe.status.network import Network

_INDENT: Final = "  "
_TITLES: Final[dict[Status, str]] = {
    "missing": "MISSING",
    "unknown": "NOT CHECKED",
    "later": "CREATED BY A DEPLOY",
    "ok": "OK",
}
_COUNTED: Final[dict[Status, str]] = {
    "missing": "missing",
    "unknown": "not checked",
    "later": "to be created",
    "ok": "ok",
}


@dataclass(frozen=True, kw_only=True)
class DoctorReport:
    """The results of all checks of an environment's account."""

    settings: Settings
    results: Sequence[CheckResult]

    @property
    def exit_status(self) -> int:
        """3 if something is missing, else 1 if something could not be checked, else 0."""
        if "missing" in self.statuses:
            return ExitStatus.NOT_GOOD
        return ExitStatus.FAILED if "unknown" in self.statuses else 0

    @property
    def statuses(self) -> frozenset[Status]:
        """The statuses of all findings."""
        return frozenset(finding.status for _, finding in self._findings())

    @property
    def blocks(self) -> bool:
        """Whether a deploy would fail because of a finding."""
        return any(finding.blocks for _, finding in self._findings())

    @property
    def headline(self) -> str:
        """The environment, its account, and the number of findings of each status."""
        statuses = [finding.status for _, finding in self._findings()]
        counts = [
            f"{statuses.count(each)} {_COUNTED[each]}" for each in _TITLES if each in statuses
        ]
        own = self.settings
        return f"{own.environment} in account {own.account_id}: {', '.join(counts)}"

    def text(self, *statuses: Status) -> str:
        """Return the headline, and the findings by status: all, or those of `statuses`."""
        parts = [_wrapped(self.headline, "")]
        for status in statuses or tuple(_TITLES):
            listed = [each for each in self._findings() if each[1].status == status]
            if listed:
                parts.append([_TITLES[status], *_lines(listed)])
        return "\n\n".join("\n".join(lines) for lines in parts)

    def document(self) -> dict[str, Any]:
        """Return all findings as JSON values."""
        return {
            "environment": self.settings.environment,
            "account_id": self.settings.account_id,
            "findings": [
                {"check": check, **asdict(finding)} for check, finding in self._findings()
            ],
        }

    def _findings(self) -> Iterator[tuple[str, AccountFinding]]:
        for result in self.results:
            yield from ((result.check, finding) for finding in result.findings)


def _lines(listed: Sequence[tuple[str, AccountFinding]]) -> Iterator[str]:
    """Yield findings, and after those with the same remedy what it is."""
    for (_, remedy, commands), same in groupby(listed, key=_remedy):
        for check, finding in same:
            place = f"{check}, {finding.region}" if finding.region else check
            yield from _wrapped(f"{place}: {plain(finding.message)}", _INDENT)
        if remedy:
            yield from _wrapped(f"  Remedy: {remedy}.", _INDENT)
        for command in commands:
            yield from _command(command)


def _remedy(listed: tuple[str, AccountFinding]) -> tuple[str, str, tuple[str, ...]]:
    check, finding = listed
    return check, finding.remedy, finding.commands


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(
        text,
        _width(),
        initial_indent=indent,
        subsequent_indent=indent + _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _width() -> int:
    return min(NARROW_WIDTH, terminal_width() or NARROW_WIDTH)


def _command(command: str) -> Iterator[str]:
    """Yield a command on as few lines as fit, which a shell joins."""
    indent, line, width = _INDENT * 3, "", _width()
    for word in shlex.split(command):
        quoted = shlex.quote(word)
        if line and len(indent) + len(line) + len(quoted) + len(" ") + len(" \\") > width:
            yield f"{indent}{line} \\"
            indent, line = _INDENT * 4, quoted
        else:
            line = f"{line} {quoted}" if line else quoted
    yield f"{indent}{line}"


class AccountError(UserError):
    """The account lacks something without which a deploy fails."""


def doctor(
    env: EnvironmentOption = "dev",
    policy: Annotated[
        bool, typer.Option("--policy", help="Print the IAM policies of each command instead.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check what the AWS account lacks before a first deploy or a failover; read only.

    Reads the account with this process's credentials, or in deploy_role_arn, and lists everything
    that is missing with its remedy. A check that is not allowed names the IAM action that it needs,
    and the others go on. Exit 0 when nothing is missing, 3 when something is, 1 when something
    could not be checked, 2 for a mistake in the settings.

    --policy prints JSON without a look at the account: for each command the policies that allow it,
    none longer than IAM takes.

    Example: iot-dr doctor --env dev
    """
    settings = load_without_cross_checks(env)
    design = synthesized(settings)
    if policy:
        from iot_dr.observe.doctor.policies import policies  # noqa: PLC0415 - slow, also for `--help`

        document = policies(settings, design)
        if as_json:
            print_document("doctor", document, environment=env)
        else:
            echo(json.dumps(document, indent=2))
        return
    report = _report(Account.of(settings, Network.current(), design))
    print_report("doctor", report, report.exit_status, env, as_json=as_json)
    raise typer.Exit(report.exit_status)


def require_account(
    settings: Settings, network: Network, show: Callable[[str], None], stacks: Path
) -> None:
    """Show what the account lacks for the stacks synthesized in a folder.

    Raises AccountError if a deploy would fail for lack of it.
    """
    report = _report(Account.of(settings, network, documents(settings, stacks)))
    if "missing" in report.statuses:
        show(report.text("missing"))
    if "unknown" in report.statuses:
        show(f"Not all could be checked: see iot-dr doctor --env {settings.environment}")
    if report.blocks:
        raise AccountError(
            f"{settings.environment}: nothing is deployed, because it would fail: carry out the"
            " remedies above, or pass --skip-doctor"
        )


def _report(account: Account) -> DoctorReport:
    with CountProgress("checked", len(CHECKS) + 1).shown() as progress:
        results = examine(account, on_done=progress.done)
    return DoctorReport(settings=account.settings, results=results)
