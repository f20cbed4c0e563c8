"""`iot-dr drill play`: an outage at a random moment, for whoever is on call."""

import secrets
import shlex
from pathlib import Path
from typing import Annotated

import typer

from environments.loader import load
from iot_dr.cli.json_output import print_report
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.text import echo
from iot_dr.drill.extras import require_extra
from iot_dr.terraform.sandbox.loopback import require_loopback

_SEEDS = 10_000


_Seed = Annotated[
    int | None,
    typer.Option(
        help="Seed of the outage and its time. Default: a random one.", min=0, metavar="N"
    ),
]
_Speed = Annotated[
    float,
    typer.Option(
        help="Factor by which time runs faster than real time; the commands' limits do not.",
        min=1,
        max=4,
        metavar="N",
    ),
]
_Port = Annotated[
    int,
    typer.Option(
        help="Port of the page on 127.0.0.1. Default: a free one.", min=0, max=65_535, metavar="N"
    ),
]


def play(
    env: EnvironmentOption = "dev",
    seed: _Seed = None,
    speed: _Speed = 1.0,
    port: _Port = 0,
    as_json: JsonOption = False,
) -> None:
    """Be on call: something breaks, and the real commands diagnose and repair it.

    Simulates devices, checks, DNS and AWS's API of an environment on this machine, and prints the
    address of a page that shows them, and what leads commands of a second terminal there: `status`,
    `switch away`, `switch back` and `doctor`. The outage stays hidden until the end, which is
    Ctrl-C, or once devices have been back for five minutes. Then it prints the score, against the
    same seed without an operator.

    Example: iot-dr drill play --env dev --speed 2
    """
    settings = load(env)
    require_extra()
    require_loopback()
    from iot_dr.drill.play.game import Game  # noqa: PLC0415 - needs the extra
    from iot_dr.drill.play.page_server import page_served  # noqa: PLC0415 - as above
    from iot_dr.drill.play.place import place  # noqa: PLC0415 - as above

    echo("The environment starts.", err=True)
    with place(settings) as own:
        game = Game(own, secrets.randbelow(_SEEDS) if seed is None else seed, speed)
        with page_served(lambda: game.state, port) as url:
            score = game.play(
                lambda visible: _print_start(url, own.write_terminal(visible.network), env)
            )
    print_report("drill play", score, 0, env, as_json=as_json)


def _print_start(url: str, terminal: Path, env: str) -> None:
    """Print where the page is, how another terminal joins the game, and how it ends."""
    echo(
        f"Page:            {url}\n"
        f"Second terminal: source {shlex.quote(str(terminal))}\n"
        f"Then there:      iot-dr status --env {env}\n"
        "Only a terminal in which you ran `source` sees this game; commands of others reach AWS.\n"
        "It ends with Ctrl-C here, or once devices have been back for five minutes.",
        err=True,
    )
