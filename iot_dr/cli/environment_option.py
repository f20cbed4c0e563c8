"""The option that names an environment."""

from typing import Annotated

import typer

EnvironmentOption = Annotated[
    str,
    typer.Option(
        "--env",
        help="Name of a file in environments/, or `all`.",
        metavar="NAME",
    ),
]
