"""Finds the plans to review in a folder, a file or standard input."""

import hashlib
from collections import defaultdict
from pathlib import Path
from typing import Final, TextIO, get_args

from iot_dr.common.output_folder import MANIFEST
from iot_dr.common.plain_text import plain
from iot_dr.common.regular_file import open_regular
from iot_dr.common.user_error import UsageError
from iot_dr.review.read.plan_source import (
    PlanSource,
    RecoveryChange,
    StackSource,
)
from iot_dr.review.read.stack_reader import MAX_BYTES
from iot_dr.terraform_json.json_file import JsonFileError, show_plan, system_reason
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack, RecoveryTimes
from iot_dr.terraform_json.provider_choice import Provider
from modules.stack_names import What

# Suffixes after a stack's name, as in `terraform show -json x.tfplan > x.tfplan.json`.
_SUFFIXES: Final = (".json", ".tfplan", ".plan")


class PlanSourceError(UsageError):
    """The plans to review cannot be read, are missing, or are several of one stack."""


def plan_source(path: Path, manifest: PlanManifest | None = None) -> PlanSource:
    """Return the plans in a folder or a file; the folder's `manifest` is read unless given.

    Raises PlanSourceError if the folder cannot be read, has no plan, or has several for one stack;
    ManifestError for a manifest that `iot-dr plan` did not write; JsonFileError for a plan that
    cannot be read or does not match its manifest.
    """
    try:
        if not path.is_dir():
            return _foreign((_source(path),))
        files = sorted(file for file in path.iterdir() if file.is_file())
    # pathlib raises RuntimeError for a symlink loop and ValueError for a NUL byte.
    except (OSError, RuntimeError, ValueError) as error:
        raise PlanSourceError(
            f"{plain(str(path))}: cannot be read: {system_reason(error)}"
        ) from None
    manifest = manifest or PlanManifest.read(path)
    return _foreign_folder(path, files) if manifest is None else _kept(path, files, manifest)


def _kept(folder: Path, files: list[Path], manifest: PlanManifest) -> PlanSource:
    """Return the plans that `iot-dr plan --out` kept, as listed in their manifest."""
    stacks = tuple(_stack(folder, stack) for stack in manifest.stacks)
    listed = {stack.file for stack in stacks} | {folder / MANIFEST}
    ignored = [file.name for file in files if file.suffix == ".json" and file not in listed]
    return PlanSource(
        environment=manifest.environment,
        provider=Provider(manifest.provider).display_name,
        base=_base(manifest),
        wave=manifest.wave,
        stacks=stacks,
        recovery=_recovery(manifest.recovery),
        recovery_point=manifest.recovery_point,
        notes=(*_failed_applies(manifest), *_ignored(ignored)),
        dropped=manifest.dropped,
    )


def _base(manifest: PlanManifest) -> str | None:
    if manifest.base is not None:
        return f"{manifest.base.ref} ({manifest.base.commit[:7]})"
    return "the applied state" if manifest.wave is not None else None


def _stack(folder: Path, stack: PlannedStack) -> StackSource:
    file = folder / f"{stack.name}.json" if stack.status == "planned" else None
    if file is not None:
        _verify_hash(file, stack)
    return StackSource(
        name=stack.name,
        region=stack.region,
        role=stack.role,
        status=stack.status,
        file=file,
        waits_for=stack.waits_for,
        error=stack.error,
        is_own=stack.what not in get_args(What),
    )


def _verify_hash(file: Path, stack: PlannedStack) -> None:
    try:
        with open_regular(file) as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        message = f"cannot be read: {system_reason(error)}; {MANIFEST} lists it: plan again"
        raise JsonFileError(file, message) from None
    if digest != stack.json_sha256:
        message = f"does not have the SHA-256 in {MANIFEST}; plan again into an empty folder"
        raise JsonFileError(file, message)


def _recovery(times: RecoveryTimes | None) -> RecoveryChange | None:
    if times is None or times.before is None:
        return None
    return RecoveryChange(times.before, times.after, times.target)


def _foreign_folder(folder: Path, files: list[Path]) -> PlanSource:
    """Return every JSON file of a folder as a plan; files that are not plans fail when read.

    Raises PlanSourceError if there is no JSON file, or several for one stack.
    """
    plans = [file for file in files if file.suffix == ".json"]
    if not plans:
        raise PlanSourceError(f"{plain(str(folder))}: {_missing_plan(folder, files)}")
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for file in plans:
        by_name[_name(file)].append(file.name)
    for name, same in by_name.items():
        if len(same) > 1:
            message = (
                f"{plain(str(folder))}: {plain(listing(same))} are all plans of the stack"
                f" {plain(name)}; keep the one to review, or rename the others"
            )
            raise PlanSourceError(message)
    return _foreign(tuple(map(_source, plans)))


def _missing_plan(folder: Path, files: list[Path]) -> str:
    binary = [file.name for file in files if file.suffix in _SUFFIXES]
    if binary:
        names = plain(listing(binary))
        return f"contains plan files, but not their JSON ({names}); convert each: {show_plan()}"
    subfolders = sorted({file.parent.name for file in folder.glob("*/*.json")})
    if subfolders:
        names = plain(listing(subfolders))
        return f"contains no plan, but its subfolders contain JSON ({names}): name one of them"
    return f"contains no plan: expected *.json of `iot-dr plan --out`, or of {show_plan()}"


def stdin_source(stdin: TextIO | None) -> PlanSource:
    """Return the plan on standard input, or several plans with one on each line.

    Raises PlanSourceError if standard input cannot be read, or has more than 1 GiB.
    """
    content = _stdin_content(stdin)
    if len(content) > MAX_BYTES:
        message = f"standard input: larger than {MAX_BYTES // 1024**2} MiB; name a file"
        raise PlanSourceError(message)
    lines = [line for line in content.split(b"\n") if line.strip()]
    if len(lines) > 1 and all(map(_is_object, lines)):
        del content
        names = [f"plan-{number}" for number in range(1, len(lines) + 1)]
    else:
        lines, names = [content], ["plan"]
    return _foreign(tuple(map(_stdin_stack, names, lines)))


def _stdin_content(stdin: TextIO | None) -> bytes:
    if stdin is None or not stdin.buffer.readable():
        message = "standard input: closed; pipe a plan into it, or name a file or a folder"
        raise PlanSourceError(message)
    try:
        return stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        raise PlanSourceError(f"standard input: cannot be read: {system_reason(error)}") from None


def _is_object(line: bytes) -> bool:
    return line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}")


def _stdin_stack(name: str, content: bytes) -> StackSource:
    return StackSource(
        name=name, region=None, role=None, status="planned", file=None, content=content
    )


def _source(file: Path) -> StackSource:
    return StackSource(name=_name(file), region=None, role=None, status="planned", file=file)


def _name(file: Path) -> str:
    name = file.name
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name or file.name


def _foreign(stacks: tuple[StackSource, ...]) -> PlanSource:
    return PlanSource(environment=None, provider=None, base=None, stacks=stacks)


def _failed_applies(manifest: PlanManifest) -> tuple[str, ...]:
    return tuple(
        f"{stack.name}: an earlier apply failed part-way; apply this plan to complete it, even if"
        " it has no changes"
        for stack in manifest.stacks
        if stack.was_left
    )


def _ignored(names: list[str]) -> tuple[str, ...]:
    return (f"{plain(listing(names))}: ignored, not in {MANIFEST}",) if names else ()
