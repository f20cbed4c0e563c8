"""Finds the plans that are to be reviewed: a folder, one file, or a stream."""

import hashlib
from collections import defaultdict
from pathlib import Path
from typing import Final, TextIO

from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import open_regular
from iot_dr.common.user_error import UsageError
from iot_dr.review.read.plan_source import (
    PlanSource,
    RecoveryChange,
    StackSource,
)
from iot_dr.review.read.reading import LARGEST
from iot_dr.terraform_json import plan_manifest
from iot_dr.terraform_json.json_file import JsonFileError, system_reason
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack, RecoveryTimes
from iot_dr.terraform_json.provider_choice import Provider

# What people put behind a stack's name: `terraform show -json x.tfplan > x.tfplan.json`.
_ENDINGS: Final = (".json", ".tfplan", ".plan")
_MAKE: Final = "terraform show -json plan.tfplan > plan.json"


class PlanSourceError(UsageError):
    """There are no plans to review, or it is not clear which; the message says what to do."""


def plan_source(path: Path) -> PlanSource:
    """Find the plans of a folder or of a file.

    Raises PlanSourceError when there is none, or two are of one stack; ManifestError for a
    manifest that is not ours; JsonFileError for a plan that is not the one of its manifest.
    """
    try:
        if not path.is_dir():
            return _foreign((_source(path),))
        files = sorted(each for each in path.iterdir() if each.is_file())
    # A loop of links is a RuntimeError, and a zero byte a ValueError.
    except (OSError, RuntimeError, ValueError) as error:
        raise PlanSourceError(
            f"{plain(str(path))}: cannot be read: {system_reason(error)}"
        ) from None
    manifest = PlanManifest.read(path)
    return _folder(path, files) if manifest is None else _ours(path, files, manifest)


def _ours(folder: Path, files: list[Path], manifest: PlanManifest) -> PlanSource:
    """Take what `iot-dr plan --out` kept: the manifest says what belongs to it."""
    stacks = tuple(_stack(folder, each) for each in manifest.stacks)
    known = {each.file for each in stacks} | {folder / plan_manifest.FILE}
    left = [each.name for each in files if each.suffix == ".json" and each not in known]
    return PlanSource(
        environment=manifest.environment,
        provider=Provider(manifest.provider).display_name,
        base=_base(manifest),
        wave=manifest.wave,
        stacks=stacks,
        recovery=_recovery(manifest.recovery),
        recovery_point=manifest.recovery_point,
        notes=(*_half_changed(manifest), *_left(left)),
        dropped=manifest.dropped,
    )


def _base(manifest: PlanManifest) -> str | None:
    if manifest.base is not None:
        return f"{manifest.base.ref} ({manifest.base.commit[:7]})"
    return "what stands" if manifest.wave is not None else None


def _stack(folder: Path, stack: PlannedStack) -> StackSource:
    file = folder / f"{stack.name}.json" if stack.status == "planned" else None
    if file is not None:
        _refuse_other_plan(file, stack)
    return StackSource(
        name=stack.name,
        region=stack.region,
        role=stack.role,
        status=stack.status,
        file=file,
        waits_for=stack.waits_for,
        error=stack.error,
    )


def _refuse_other_plan(file: Path, stack: PlannedStack) -> None:
    try:
        with open_regular(file) as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        message = (
            f"cannot be read: {system_reason(error)}; {plan_manifest.FILE} names it: plan again"
        )
        raise JsonFileError(file, message) from None
    if found != stack.json_sha256:
        message = (
            f"is not the plan that {plan_manifest.FILE} tells of: its SHA-256 is another;"
            " plan again into an empty folder"
        )
        raise JsonFileError(file, message)


def _recovery(times: RecoveryTimes | None) -> RecoveryChange | None:
    if times is None or times.before is None:
        return None
    return RecoveryChange(times.before, times.after, times.target)


def _folder(folder: Path, files: list[Path]) -> PlanSource:
    """Take every JSON file for the plan of a stack: one that is none is refused when it is read."""
    plans = [each for each in files if each.suffix == ".json"]
    if not plans:
        raise PlanSourceError(f"{plain(str(folder))}: {_what_is_missing(folder, files)}")
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for file in plans:
        by_name[_name(file)].append(file.name)
    for name, twice in by_name.items():
        if len(twice) > 1:
            message = (
                f"{plain(str(folder))}: {plain(listing(twice))} are all of the stack {plain(name)};"
                " leave the one to review, or rename the others"
            )
            raise PlanSourceError(message)
    return _foreign(tuple(map(_source, plans)))


def _what_is_missing(folder: Path, files: list[Path]) -> str:
    kept = [each.name for each in files if each.suffix in _ENDINGS]
    if kept:
        return f"holds plan files and not their JSON ({plain(listing(kept))}); show each: {_MAKE}"
    below = sorted({each.parent.name for each in folder.glob("*/*.json")})
    if below:
        told_below = plain(listing(below))
        return f"holds no plan; there is JSON in folders below ({told_below}): name one of them"
    return f"holds no plan: no *.json, which `iot-dr plan --out` writes, or {_MAKE}"


def streamed_source(stdin: TextIO | None) -> PlanSource:
    """Read one plan from standard input, or several with each on a line of its own.

    Raises PlanSourceError for a stream that cannot be read, or is too large.
    """
    content = _streamed_content(stdin)
    if len(content) > LARGEST:
        message = f"standard input: is larger than {LARGEST // 1024**2} MiB; name a file"
        raise PlanSourceError(message)
    lines = [each for each in content.split(b"\n") if each.strip()]
    if len(lines) > 1 and all(map(_is_object, lines)):
        del content
        names = [f"plan-{number}" for number in range(1, len(lines) + 1)]
    else:
        lines, names = [content], ["plan"]
    return _foreign(tuple(map(_streamed, names, lines)))


def _streamed_content(stdin: TextIO | None) -> bytes:
    if stdin is None or not stdin.buffer.readable():
        message = "standard input: is closed; send a plan into it, or name a file or a folder"
        raise PlanSourceError(message)
    try:
        return stdin.buffer.read(LARGEST + 1)
    except OSError as error:
        raise PlanSourceError(f"standard input: cannot be read: {system_reason(error)}") from None


def _is_object(line: bytes) -> bool:
    return line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}")


def _streamed(name: str, content: bytes) -> StackSource:
    return StackSource(
        name=name, region=None, role=None, status="planned", file=None, content=content
    )


def _source(file: Path) -> StackSource:
    return StackSource(name=_name(file), region=None, role=None, status="planned", file=file)


def _name(file: Path) -> str:
    name = file.name
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name or file.name


def _foreign(stacks: tuple[StackSource, ...]) -> PlanSource:
    return PlanSource(environment=None, provider=None, base=None, stacks=stacks)


def _half_changed(manifest: PlanManifest) -> tuple[str, ...]:
    return tuple(
        f"{each.name}: an apply before has left it half-changed; applying this makes it whole, even"
        " where nothing changes"
        for each in manifest.stacks
        if each.was_left
    )


def _left(names: list[str]) -> tuple[str, ...]:
    return (f"{plain(listing(names))}: not in {plan_manifest.FILE}, not read",) if names else ()
