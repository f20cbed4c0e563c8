"""The work of `iot-dr graph`."""

import json
from typing import Literal

import typer

from environments.selection import load_all
from iot_dr.common.user_error import UsageError
from iot_dr.generate.graph import document, environment_chart, mermaid, text

Form = Literal["text", "mermaid"]

_DRAWN = {"text": text, "mermaid": mermaid}


def run(environment: str, *, in_waves: bool, form: Form | None, as_json: bool) -> None:
    """Print the stacks of an environment, or of all.

    Raises UsageError for two forms at once.
    """
    if as_json and form is not None:
        message = f"--json and --format {form}: name one of them"
        raise UsageError(message)
    found = load_all(environment)
    if as_json:
        documents = [document(settings, in_waves=in_waves) for settings in found]
        typer.echo(json.dumps(documents, indent=2))
        return
    for settings in found:
        typer.echo(_DRAWN[form or "text"](environment_chart(settings, in_waves=in_waves)), nl=False)
