"""`iot-dr graph`: the stacks of an environment and their order."""

from typing import Annotated, Literal

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.run_options import JsonOption


def graph(
    env: EnvironmentOption = "dev",
    waves: Annotated[
        bool, typer.Option("--waves", help="By the waves in which they are rolled out.")
    ] = False,
    format_: Annotated[
        Literal["text", "mermaid"] | None,
        typer.Option("--format", help="Text or a Mermaid flowchart.", show_default="text"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the stacks of an environment and what each needs, or the waves of its rollout.

    Example: iot-dr graph --env prod --waves --format mermaid
    """
    from iot_dr.cli.graph_run import run  # noqa: PLC0415 - help must not wait for pydantic

    run(env, in_waves=waves, form=format_, as_json=as_json)
