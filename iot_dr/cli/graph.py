"""`iot-dr graph`: prints the stacks of an environment and their dependencies."""

from typing import Annotated, Final, Literal

import typer

from environments.selection import load_all
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.text import echo
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.common.user_error import UsageError
from iot_dr.generate.graph import document, environment_chart, mermaid, text

_FORMATS: Final = {"text": text, "mermaid": mermaid}


def graph(
    env: EnvironmentOption = "dev",
    waves: Annotated[
        bool, typer.Option("--waves", help="Group the stacks by the waves of the rollout.")
    ] = False,
    format_: Annotated[
        Literal["text", "mermaid"] | None,
        typer.Option(
            "--format", help="Output format: text or a Mermaid flowchart.", show_default="text"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the stacks of an environment with their dependencies, or in waves.

    Example: iot-dr graph --env prod --waves --format mermaid
    """
    if as_json and format_ is not None:
        message = f"--json and --format {format_}: pass only one of them"
        raise UsageError(message)
    environments = load_all(env)
    if as_json:
        documents = [document(settings, in_waves=waves) for settings in environments]
        print_document("graph", with_old_keys("graph", documents), environment=env)
        return
    for settings in environments:
        chart = environment_chart(settings, in_waves=waves)
        text = _FORMATS[format_ or "text"](chart).removesuffix("\n")
        # A flowchart's lines must stay whole.
        (typer.echo if format_ == "mermaid" else echo)(text)
