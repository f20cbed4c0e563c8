"""The work of `iot-dr review`."""

import os
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import typer

from environments.loader import load
from environments.settings import Settings
from iot_dr.cli.given_path import made_folder
from iot_dr.cli.review_output import KEPT, Format, keep, show
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.generate.gate import BlockedError
from iot_dr.review.impact.review import Review, refused
from iot_dr.review.impact.reviewing import review
from iot_dr.review.impact.unshown import read_shown, with_unshown
from iot_dr.review.read.folder import plan_source, streamed_source
from iot_dr.review.read.plan_source import PlanSource
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.provider_choice import Provider

FailOn = Literal["block", "warn"]
_DEFAULT: Final = "dev"
_STREAM: Final = Path("-")
_STOPPED: Final = 3
_STOPPING: Final = {"block": (Verdict.BLOCK,), "warn": (Verdict.BLOCK, Verdict.WARN)}


@dataclass(frozen=True, kw_only=True)
class ReviewOptions:
    """The options of the command line; `timeout` in seconds."""

    environment: str | None
    plans: Path | None
    provider: str | None
    base: str | None
    shown: Path | None
    format: Format
    out: Path | None
    fail_on: FailOn
    jobs: int
    timeout: float


def run(options: ReviewOptions) -> int:
    """Review, print, and give the exit status: 0, or 3 when the gate says no.

    Raises UserError for plans that cannot be had or read, SettingsError for a mistake in settings.
    """
    if options.out:
        made_folder(options.out)
    with _review(options) as alone:
        made = with_unshown(alone, read_shown(options.shown)) if options.shown else alone
        # What is printed may have nowhere to go: `| head`, a disk that is full.
        if options.out:
            keep(made, options.out)
        show(made, options.format)
        if options.out:
            sys.stderr.write(f"Written: {', '.join(str(options.out / each) for each in KEPT)}\n")
    return _STOPPED if made.verdict in _STOPPING[options.fail_on] else 0


@contextmanager
def _review(options: ReviewOptions) -> Generator[Review]:
    """Give the review; the plans that it reads from are there for a `with` block."""
    if options.plans is not None:
        yield review(*_given(options, options.plans))
        return
    settings = load(options.environment or _DEFAULT)
    provider = Provider.chosen(options.provider, settings.environment, os.environ)
    with tempfile.TemporaryDirectory(prefix="iot-dr-review-") as name:
        folder = Path(name)
        try:
            _plan(options, settings, provider, folder)
        except BlockedError as error:
            ((_, judgement),) = error.judgements
            yield refused(settings.environment, provider.words, options.base, judgement)
        else:
            made = review(plan_source(folder), settings)
            _tell_failed(made)
            yield made


def _tell_failed(made: Review) -> None:
    """Tell on stderr, which a log keeps, what Terraform says; secrets are hidden in it."""
    for stack in made.stacks:
        if stack.status == "failed":
            lines = "\n".join(map(plain, stack.problem.splitlines()))
            typer.echo(f"\n{stack.name}: {lines}", err=True)


def _given(options: ReviewOptions, path: Path) -> tuple[PlanSource, Settings | None]:
    for option, value in (("--base", options.base), ("--provider", options.provider)):
        if value is not None:
            message = f"{option}: says how to plan, and --plans names plans that are made already"
            raise UsageError(message)
    source = streamed_source(sys.stdin) if path == _STREAM else plan_source(path)
    name = options.environment or source.environment
    if source.environment not in {None, name}:
        raise UsageError(
            f"{plain(str(path))}: holds plans of {source.environment}, and --env is {name};"
            " leave --env out"
        )
    return source, load(name) if name else None


def _plan(options: ReviewOptions, settings: Settings, provider: Provider, folder: Path) -> None:
    # Plans that are there already need no Terraform.
    from iot_dr.cli.review_plans import make_plans  # noqa: PLC0415 - see above
    from iot_dr.delivery.planning import PlanRequest  # noqa: PLC0415 - see above
    from iot_dr.delivery.session import Limits  # noqa: PLC0415 - see above

    make_plans(
        PlanRequest(
            settings=settings,
            provider=provider,
            limits=Limits(jobs=options.jobs, timeout=options.timeout),
            base=options.base,
            keep=folder,
        )
    )
