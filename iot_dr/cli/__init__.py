"""The command `iot-dr`: one file a command group."""

import os
import sys
from pathlib import Path

import typer

from environments.errors import SettingsError
from iot_dr.cli import (
    acceptance,
    apply,
    check,
    comment,
    deploy,
    drill,
    emit,
    env,
    graph,
    pipeline,
    plan,
    registry,
    review,
    reviewed,
    role,
    rotate,
    rto,
    sandbox,
    state,
    status,
    switch,
    synth,
    validate,
)
from iot_dr.common.full_disk import described
from iot_dr.common.user_error import UserError
from iot_dr.terraform.diagnostic import TerraformError

_USAGE = 2
_FAILED = 1
_INTERRUPTED = 130

app = typer.Typer(
    name="iot-dr",
    help="Terraform for IoT platforms that survive the loss of an AWS region.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("synth")(synth.synth)
app.command("graph")(graph.graph)
app.command("plan")(plan.plan)
app.command("review")(review.review)
app.command("apply")(apply.apply)
app.command("comment")(comment.comment)
app.command("reviewed")(reviewed.reviewed)
app.command("validate")(validate.validate)
app.command("emit")(emit.emit)
app.command("check")(check.check)
app.command("rto")(rto.rto)
app.command("status")(status.status)
app.command("rotate")(rotate.rotate)
app.command("deploy")(deploy.deploy)
app.command("destroy")(deploy.destroy)
app.command("acceptance")(acceptance.acceptance)
app.add_typer(drill.app, name="drill")
app.add_typer(env.app, name="env")
app.add_typer(pipeline.app, name="pipeline")
app.add_typer(registry.app, name="registry")
app.add_typer(role.app, name="role")
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(state.app, name="state")
app.add_typer(switch.app, name="switch")


def main() -> None:
    """Run the command line; exit 2 for a mistake in settings or arguments, 130 for Ctrl-C."""
    try:
        app()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_USAGE)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.status)
    except (OSError, TerraformError) as error:
        message = described(error) if isinstance(error, OSError) else str(error)
        sys.stderr.write(f"{message}\n")
        _drop_unwritten()
        sys.exit(_FAILED)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _drop_unwritten() -> None:
    """Drop what stdout cannot take: Python would try again at the end, and tell it as its own."""
    try:
        sys.stdout.flush()
    except OSError:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
