"""`iot-dr check`: whether a design would really fail over."""

from pathlib import Path
from typing import Annotated

import typer

from iot_dr.cli.given_path import given_path
from iot_dr.cli.run_options import JsonOption


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files or folders with Terraform JSON: cdktf's output, .tf.json, or"
            " `terraform show -json` of plans and states. Without any: the environment, synthesized"
            " anew.",
            metavar="PATH",
            parser=given_path,
            show_default=False,
        ),
    ] = None,
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            envvar="ENV",
            help="Judge by the targets and suppressions of this file in environments/."
            " Without PATH: dev unless given.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="List the rules, and why each is.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Judge Terraform JSON, ours or not, by the disaster-recovery rules; exit 1 for a block.

    What iot-dr synthesized is judged by the settings of its environment, anything else by those
    that --env names. It counts the data sources that rules look at too; `synth` counts them apart.

    Example: iot-dr check cdktf.out
    """
    from iot_dr.cli.check_run import CheckOptions, list_rules, run  # noqa: PLC0415 - help is quick

    if rules:
        list_rules(as_json=as_json)
        return
    options = CheckOptions(paths=tuple(paths or ()), environment=env or None, as_json=as_json)
    raise typer.Exit(run(options))
