"""`iot-dr doctor`: what an AWS account lacks for an environment."""

import typer

from environments.loader import load_without_cross_checks
from iot_dr.cli.doctor_report import DoctorReport
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.progress import CountProgress
from iot_dr.observe.doctor.account import synthesized
from iot_dr.observe.doctor.catalogue import CHECKS
from iot_dr.observe.doctor.examination import examine
from iot_dr.observe.status.network import Network


def doctor(env: EnvironmentOption = "dev", as_json: JsonOption = False) -> None:
    """Check what the AWS account lacks before a first deploy or a failover; read only.

    Reads the account with this process's credentials, or in deploy_role_arn, and lists everything
    that is missing with its remedy. A check that is not allowed names the IAM action that it needs,
    and the others go on. Exit 0 when nothing is missing, 3 when something is, 1 when something
    could not be checked, 2 for a mistake in the settings.

    Example: iot-dr doctor --env dev
    """
    settings = load_without_cross_checks(env)
    account = synthesized(settings, Network.current())
    with CountProgress("checked", len(CHECKS) + 1).shown() as progress:
        results = examine(account, on_done=progress.done)
    report = DoctorReport(settings=settings, results=results)
    typer.echo(report.json() if as_json else report.text())
    raise typer.Exit(report.exit_status)
