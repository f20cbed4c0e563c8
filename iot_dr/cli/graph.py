"""`iot-dr graph`: the stacks of an environment and their order."""

from enum import Enum
from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption


class GraphFormat(Enum):
    """How a graph is drawn."""

    TEXT = "text"
    MERMAID = "mermaid"


def graph(
    env: EnvironmentOption = "dev",
    format_: Annotated[
        GraphFormat, typer.Option("--format", help="Waves as text, or a Mermaid flowchart.")
    ] = GraphFormat.TEXT,
) -> None:
    """Print the stacks of an environment and the order in which they go.

    Example: iot-dr graph --env prod --format mermaid
    """
    from environments.selection import load_all  # noqa: PLC0415 - help must not wait for pydantic
    from stacks.platform_graph import platform_graph  # noqa: PLC0415 - as above

    for settings in load_all(env):
        drawing = platform_graph(settings)
        text = drawing.mermaid() if format_ is GraphFormat.MERMAID else drawing.text()
        typer.echo(text, nl=False)
