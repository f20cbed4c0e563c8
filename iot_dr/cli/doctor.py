"""`iot-dr doctor`: what an AWS account lacks for an environment."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from environments.loader import load_without_cross_checks
from environments.settings import Settings
from iot_dr.cli.doctor_report import DoctorReport
from iot_dr.cli.json_output import print_document, print_report
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.progress import CountProgress
from iot_dr.cli.text import echo
from iot_dr.common.user_error import UserError
from iot_dr.generate.gate import documents
from iot_dr.observe.doctor.account import Account, synthesized
from iot_dr.observe.doctor.catalogue import CHECKS
from iot_dr.observe.doctor.examination import examine
from iot_dr.observe.status.network import Network


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
