"""`iot-dr review`: reports what the plans of an environment mean for devices."""

import os
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.console import Console

from environments.loader import find, load
from environments.settings import Settings
from iot_dr.cli.options import (
    DEFAULT_ENVIRONMENT,
    JOBS,
    TIMEOUT,
    JobsOption,
    ProviderOption,
    TimeoutOption,
    given_path,
    make_out_folder,
)
from iot_dr.cli.sarif import SarifOption, write_sarif
from iot_dr.cli.text import echo, terminal_width
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.full_disk import reason
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.design.expectation import DesignExpectation
from iot_dr.generate.expectation import design_expectation
from iot_dr.generate.gate import BlockedError
from iot_dr.review.impact import plan_review
from iot_dr.review.impact.review import Review, rejected_design_review
from iot_dr.review.impact.unreviewed_changes import block_unreviewed, read_earlier_review
from iot_dr.review.read.folder import plan_source, stdin_source
from iot_dr.review.read.plan_source import PlanSource
from iot_dr.review.render import html, json_document, markdown, sarif, terminal
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.provider_choice import Provider

Format = Literal["terminal", "markdown", "json", "html"]

_STREAM: Final = Path("-")
_FAILING_VERDICTS: Final = {"block": (Verdict.BLOCK,), "warn": (Verdict.BLOCK, Verdict.WARN)}
_FILES: Final = ("review.json", "review.html", "review.md")
_MARKER: Final = 256
"""Bytes of a comment reserved for the marker by which it is found again."""


def review(  # noqa: PLR0913, PLR0917 - each is an option of the command
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            envvar="ENV",
            help="Name of a file in environments/; with --plans, its targets and suppressions"
            " apply. Default without --plans: dev.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    plans: Annotated[
        Path | None,
        typer.Option(
            parser=given_path,
            help="Review existing plans: the folder of `iot-dr plan --out`, a folder or file of"
            " `terraform show -json`, or - for standard input.",
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
            help="An earlier review in JSON (/dev/null: an empty one). Resources that are destroyed"
            " or replaced now, but not in it, block.",
            metavar="FILE",
        ),
    ] = None,
    format_: Annotated[
        Format,
        typer.Option(
            "--format", help="What to print: terminal, markdown, json or html.", metavar="FORMAT"
        ),
    ] = "terminal",
    out: Annotated[
        Path | None,
        typer.Option(
            parser=given_path,
            help="Write review.md, review.html and review.json here.",
            metavar="DIR",
        ),
    ] = None,
    sarif_file: SarifOption = None,
    fail_on: Annotated[
        Literal["block", "warn"],
        typer.Option(help="The mildest verdict with exit status 3."),
    ] = "block",
    jobs: JobsOption = JOBS,
    timeout: TimeoutOption = TIMEOUT,
) -> None:
    """Plan an environment, or read its plans, and report what they mean for devices.

    The exit status is 3 if the verdict is the one of --fail-on or a worse one.

    Example: iot-dr review --env dev --base HEAD
    """
    if out:
        make_out_folder(out)
    with _review(env or None, plans, provider, base, jobs, timeout) as unchecked:
        result = block_unreviewed(unchecked, read_earlier_review(shown)) if shown else unchecked
        # Files first: printing may fail, as with `| head` or a full disk.
        if out:
            _write_files(result, out)
        if sarif_file:
            settings = find(result.environment) if result.environment else None
            write_sarif(sarif_file, sarif.log(result, settings))
        show(result, format_)
        if out:
            sys.stderr.write(f"Written: {', '.join(str(out / name) for name in _FILES)}\n")
    raise typer.Exit(ExitStatus.NOT_GOOD if result.verdict in _FAILING_VERDICTS[fail_on] else 0)


@contextmanager
def _review(  # noqa: PLR0913, PLR0917 - options of the command
    environment: str | None,
    plans: Path | None,
    provider: str | None,
    base: str | None,
    jobs: int,
    timeout: float,
) -> Generator[Review]:
    """Return the review; it reads from its plans, which exist during the `with` block.

    Raises UsageError for an option that does not apply to existing plans.
    """
    if plans is not None:
        for option, value in (("--base", base), ("--provider", provider)):
            if value is not None:
                message = f"{option}: cannot be used with --plans, which reviews existing plans"
                raise UsageError(message)
        yield plan_review.review(*_given(environment, plans))
        return
    given = load(environment or DEFAULT_ENVIRONMENT)
    chosen = Provider.select(provider, given.environment, os.environ)
    settings = _settings_now(given, chosen, base)

    def make_plans(folder: Path) -> None:
        plan_into(folder, settings, chosen, base=base, jobs=jobs, timeout=timeout)

    with planned_review(settings, chosen, base, make_plans) as result:
        yield result


def _settings_now(settings: Settings, provider: Provider, base: str | None) -> Settings:
    """Return the settings of the current step of a change of regions, and print its steps."""
    # Reviewing existing plans does not need it.
    from iot_dr.delivery.region_change import change_of_plan  # noqa: PLC0415 - see above

    change = change_of_plan(settings, provider, base, None)
    for line in change.lines():
        echo(line, err=True)
    return change.settings


def _given(environment: str | None, path: Path) -> tuple[PlanSource, DesignExpectation | None]:
    source = stdin_source(sys.stdin) if path == _STREAM else plan_source(path)
    name = environment or source.environment
    if source.environment not in {None, name}:
        raise UsageError(
            f"{plain(str(path))}: contains plans of {source.environment}, but --env is {name};"
            " omit --env"
        )
    return source, design_expectation(load(name)) if name else None


@contextmanager
def planned_review(
    settings: Settings, provider: Provider, base: str | None, make_plans: Callable[[Path], None]
) -> Generator[Review]:
    """Return the review of the plans that `make_plans` writes to a temporary folder.

    If a rule blocks the synthesized design, return the review of the rejected design. Prints
    Terraform's errors to stderr with secrets hidden, so `make_plans` must not print them.
    """
    with tempfile.TemporaryDirectory(prefix="iot-dr-review-") as name:
        folder = Path(name)
        try:
            make_plans(folder)
        except BlockedError as error:
            ((_, judgement),) = error.judgements
            yield rejected_design_review(
                settings.environment, provider.display_name, base, judgement
            )
            return
        result = plan_review.review(plan_source(folder), design_expectation(settings))
        for stack in result.stacks:
            if stack.status == "failed":
                lines = "\n".join(map(plain, stack.problem.splitlines()))
                echo(f"\n{stack.name}: {lines}", err=True)
        yield result


def plan_into(  # noqa: PLR0913 - as above
    folder: Path,
    settings: Settings,
    provider: Provider,
    *,
    base: str | None = None,
    synthesized: Path | None = None,
    jobs: int = JOBS,
    timeout: float = TIMEOUT,
) -> None:
    """Plan an environment into a folder, and show the progress; the options are `PlanRequest`'s."""
    # Reviewing existing plans does not need these modules, whose import takes 0.1 s.
    from iot_dr.cli.outcomes import StackProgress  # noqa: PLC0415 - see above
    from iot_dr.delivery.planning import PlanListeners, PlanRequest, planned  # noqa: PLC0415 - as above
    from iot_dr.delivery.session import RunLimits  # noqa: PLC0415 - as above

    limits = RunLimits(jobs=jobs, timeout=timeout)
    request = PlanRequest(
        settings=settings,
        provider=provider,
        limits=limits,
        base=base,
        keep=folder,
        synthesized=synthesized,
    )
    progress = StackProgress(request.graph.nodes)
    listeners = PlanListeners(on_phase=progress.phase, on_outcome=progress.outcome)
    with progress.shown(), planned(request, listeners):
        pass


def show(review: Review, format_: Format) -> None:
    """Print a review; with colours if stdout is a terminal."""
    sys.stdout.flush()
    match format_:
        case "terminal" if sys.stdout.isatty():
            terminal.show(review, Console())
        case "terminal":
            terminal.write(review, sys.stdout, terminal_width())
        case "markdown":
            sys.stdout.buffer.write(_comment(review))
        case "json":
            json_document.write(review, sys.stdout.buffer)
        case "html":
            html.write(review, sys.stdout.buffer)
    sys.stdout.flush()


def _write_files(review: Review, folder: Path) -> None:
    """Write `review.json`, `review.html` and `review.md`, each atomically.

    Raises UserError if a file cannot be written.
    """
    try:
        with whole_file(folder / "review.json") as file:
            fingerprint = json_document.write(review, file)
        with whole_file(folder / "review.html") as file:
            html.write(review, file)
        with whole_file(folder / "review.md") as file:
            file.write(_comment(review, fingerprint))
    except OSError as error:
        message = f"--out {plain(str(folder))}: the review cannot be written: {reason(error)}"
        raise UserError(message) from None


def _comment(review: Review, fingerprint: str | None = None) -> bytes:
    page = markdown.render(review, limit=markdown.LIMIT - _MARKER, full=fingerprint)
    return page.text.encode()
