"""The option that names an environment."""

from typing import Annotated

import typer

# An empty ENV counts as not set, as it does for main.py.
EnvironmentOption = Annotated[
    str,
    typer.Option(
        "--env",
        envvar="ENV",
        help="Name of a file in environments/.",
        metavar="NAME",
    ),
]
