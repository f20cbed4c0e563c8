"""`iot-dr review`: what the plans of an environment mean for devices, verdict first."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from iot_dr.cli.given_path import given_path
from iot_dr.cli.run_options import JOBS, TIMEOUT, JobsOption, ProviderOption, TimeoutOption


def review(  # noqa: PLR0913, PLR0917 - each is an option of the command
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            envvar="ENV",
            help="Name of a file in environments/; with --plans its targets and suppressions count."
            " Without --plans: dev unless given.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    plans: Annotated[
        Path | None,
        typer.Option(
            parser=given_path,
            help="Review these plans instead of planning anew: the folder of `iot-dr plan --out`,"
            " a folder or file of `terraform show -json`, or - for the standard input.",
            metavar="PATH",
        ),
    ] = None,
    provider: ProviderOption = None,
    base: Annotated[
        str | None,
        typer.Option(help="Review the changes since this commit (stand-in only).", metavar="REF"),
    ] = None,
    shown: Annotated[
        Path | None,
        typer.Option(
            parser=given_path,
            help="An earlier review as JSON, a regular file or /dev/null: what is destroyed or"
            " replaced here and was not there blocks.",
            metavar="FILE",
        ),
    ] = None,
    format_: Annotated[
        Literal["terminal", "markdown", "json", "html"],
        typer.Option("--format", help="What to print."),
    ] = "terminal",
    out: Annotated[
        Path | None,
        typer.Option(
            parser=given_path,
            help="Write review.md, review.html and review.json here.",
            metavar="DIR",
        ),
    ] = None,
    fail_on: Annotated[
        Literal["block", "warn"],
        typer.Option(help="The least verdict that makes the exit status 3."),
    ] = "block",
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
) -> None:
    """Plan an environment, or read its plans, and tell a reviewer what they mean.

    Exit status 3 says that the verdict is the one of --fail-on or a worse one.

    Example: iot-dr review --env dev --base HEAD
    """
    from iot_dr.cli.review_run import ReviewOptions, run  # noqa: PLC0415 - help must not wait

    options = ReviewOptions(
        environment=env or None,
        plans=plans,
        provider=provider,
        base=base,
        shown=shown,
        format=format_,
        out=out,
        fail_on=fail_on,
        jobs=jobs,
        timeout=timeout,
    )
    raise typer.Exit(run(options))
