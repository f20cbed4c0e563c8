"""`iot-dr comment`: a review, written onto its pull request."""

from pathlib import Path
from typing import Annotated

import typer

from iot_dr.cli.environment_option import EnvironmentOption
from iot_dr.cli.given_path import given_path


def comment(
    body: Annotated[
        Path,
        typer.Option(
            parser=given_path,
            help="The review in Markdown, as `iot-dr review` writes it.",
            metavar="FILE",
        ),
    ],
    env: EnvironmentOption = "dev",
    repo: Annotated[
        str | None,
        typer.Option(help="Default: GITHUB_REPOSITORY.", metavar="OWNER/NAME"),
    ] = None,
    pr: Annotated[
        int | None,
        typer.Option(help="Default: that of the workflow's event.", min=1, metavar="NUMBER"),
    ] = None,
) -> None:
    """Write a review onto its pull request on GitHub, as one comment for each environment.

    The next one takes its place. The token comes from GITHUB_TOKEN alone. Where it may not write,
    as for a pull request from a fork, the review goes to the job's summary, and the exit status
    is 0 all the same.

    Example: iot-dr comment --env dev --body review.md
    """
    from iot_dr.cli.comment_run import CommentOptions, run  # noqa: PLC0415 - help is quick

    run(CommentOptions(environment=env, body=body, repository=repo, number=pr))
