"""`iot-dr switch`: take devices away from a region, or give them back."""

from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JsonOption

app = typer.Typer(
    help="Take devices away from a region, or give them back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_Region = Annotated[str, typer.Argument(help="Region of the environment.", metavar="REGION")]
_Reason = Annotated[
    str, typer.Option(help="Why: 1 to 300 characters, shown to the next operator.", metavar="TEXT")
]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
_ForceAway = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Also when no other region is known to be healthy, no alarm follows the switch, or"
        " no record can be kept.",
    ),
]
_ForceBack = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Also when the region is being rotated, no alarm follows the switch, or no record can"
        " be kept.",
    ),
]


@app.command()
def away(  # noqa: PLR0913, PLR0917 - one argument for each option
    region: _Region,
    reason: _Reason,
    env: EnvironmentOption,
    yes: _Yes = False,
    force: _ForceAway = False,
    as_json: JsonOption = False,
) -> None:
    """Lead devices away from a region until it is switched back, and keep who, when and why.

    Needs AWS in one other region alone, the one that keeps the switch. Shows first what will
    happen. Exit 0 when it is put, 1 when AWS or you refuse, 2 for a mistake, 130 for Ctrl-C.

    Example: iot-dr switch away eu-west-1 --env dev --reason "no message goes through"
    """
    from iot_dr.cli.switch_run import Wish, run  # noqa: PLC0415 - help must not wait for it

    wish = Wish(env, region, "away", reason, yes=yes, force=force, as_json=as_json)
    raise typer.Exit(run(wish))


@app.command()
def back(  # noqa: PLR0913, PLR0917 - as above
    region: _Region,
    reason: _Reason,
    env: EnvironmentOption,
    yes: _Yes = False,
    force: _ForceBack = False,
    as_json: JsonOption = False,
) -> None:
    """Let a region have devices again, and keep who, when and why.

    The answer for new connections changes within minutes; devices stay where they are connected
    until they connect anew. Exit codes as of `away`.

    Example: iot-dr switch back eu-west-1 --env dev --reason "messages go through again"
    """
    from iot_dr.cli.switch_run import Wish, run  # noqa: PLC0415 - as above

    wish = Wish(env, region, "back", reason, yes=yes, force=force, as_json=as_json)
    raise typer.Exit(run(wish))
