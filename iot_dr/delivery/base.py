"""The base of a comparison: another commit's stacks, applied in a temporary sandbox."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from environments.errors import SettingsError
from environments.loader import load, names, parse
from environments.project import ROOT_VARIABLE, generated_version, project_root, settings_file
from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.delivery.session import Session
from iot_dr.terraform.schedule import Outcome, StackScheduler
from iot_dr.terraform_json.strict_json import parsed
from stacks.graph import StackGraph, StackNode
from stacks.platform_graph import platform_graph

_OVERRIDES = ("PRIMARY_REGION", "HANDOVER_REGION")

PROGRAM_VARIABLE: Final = "IOT_DR_BASE_PROGRAM"
"""The environment variable that names an installed `iot-dr` of the base's version."""


class BaseCommitError(UsageError):
    """The base commit cannot be found, synthesized or applied, or is not allowed here."""


@dataclass(frozen=True, slots=True)
class BaseCommit:
    """A commit, and an environment's stacks as that commit's code makes them.

    The graph is empty if the commit does not have the environment. `settings` are None then, and if
    today's code rejects that commit's settings.
    """

    ref: str
    commit: str
    graph: StackGraph
    settings: Settings | None

    def dropped(self, settings: Settings) -> tuple[StackNode, ...]:
        """Return the stacks that today's settings no longer have: no plan destroys them."""
        names = {node.name for node in platform_graph(settings).nodes}
        return tuple(node for node in self.graph.nodes if node.name not in names)


def synthesize_base(ref: str, environment: str, folder: Path) -> BaseCommit:
    """Synthesize an environment into `folder/out`, with the code of the commit `ref`.

    Raises BaseCommitError if git does not know the commit, or its code does not synthesize, and
    what `base_command` raises.
    """
    commit = commit_of(ref)
    code = folder / "code"
    with tarfile.open(fileobj=BytesIO(_git(ref, "archive", "--format=tar", commit))) as archive:
        # Python before 3.11.4 has no filters.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        try:
            archive.extractall(code)  # noqa: S202 - the code in it runs in any case
        except tarfile.TarError as error:
            raise BaseCommitError(
                f"--base {ref}: cannot be checked out: {plain(str(error))}"
            ) from None
    if environment not in names(code / "environments"):
        return BaseCommit(ref, commit, StackGraph([]), None)
    graph = _synthesized(ref, environment, code, folder / "out")
    return BaseCommit(ref, commit, graph, _settings(environment, code))


def commit_of(ref: str) -> str:
    """Return the id of a commit; raises BaseCommitError if git is missing or does not know it."""
    return _git(ref, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()


def base_settings(ref: str, environment: str) -> Settings | None:
    """Return the settings of an environment in the commit `ref`.

    None if the file is missing there, or today's code rejects it. Raises BaseCommitError if git
    does not know the commit.
    """
    commit = commit_of(ref)
    try:
        content = _git(ref, "show", f"{commit}:./{settings_file(environment)}")
        return parse(content, environment)
    except (BaseCommitError, SettingsError):
        return None


def _synthesized(ref: str, environment: str, code: Path, out: Path) -> StackGraph:
    options = ("--env", environment, "--json", "--out", str(out))
    ran = subprocess.run(  # noqa: S603 - this project's own command
        [*base_command(ref, code, out.parent), "synth", *options],
        cwd=code,
        # Overrides of the settings belong to the change, not to the base.
        env={
            **os.environ,
            **dict.fromkeys(_OVERRIDES, ""),
            ROOT_VARIABLE: str(code.absolute()),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        message = f"--base {ref}: {environment} does not synthesize there:\n{ran.stderr.strip()}"
        raise BaseCommitError(message)
    try:
        document = parsed(ran.stdout.encode())
    except ValueError as error:
        # Its own stacks can end the program, and those of an older version print into the result.
        message = f"--base {ref}: {environment}: the result of its synthesis {error}"
        raise BaseCommitError(message) from None
    # Versions before ADR 0040 printed the result alone.
    return _graph(document.get("result", document)["stacks"])


def _settings(environment: str, code: Path) -> Settings | None:
    try:
        return load(environment, {}, code / "environments")
    except SettingsError:
        return None


def _git(ref: str, *arguments: str) -> bytes:
    # git would read a name that begins with a dash as an option.
    if ref.startswith("-"):
        message = f"--base {ref}: must be the name of a commit"
        raise BaseCommitError(message)
    try:
        return subprocess.run(  # noqa: S603 - the name is checked above
            ["git", *arguments],  # noqa: S607 - git is where the user has it
            cwd=project_root(),
            capture_output=True,
            check=True,
        ).stdout
    except FileNotFoundError:
        message = f"--base {ref}: git is not installed"
        raise BaseCommitError(message) from None
    except subprocess.CalledProcessError as error:
        why = error.stderr.decode(errors="replace").strip() or "is not a commit in this repository"
        message = f"--base {ref}: {why}"
        raise BaseCommitError(message) from None


def _graph(stacks: list[dict[str, Any]]) -> StackGraph:
    return StackGraph(
        StackNode(
            name=stack["name"],
            what=stack["kind"] if "kind" in stack else stack["what"],
            region=stack["region"],
            role=stack["role"],
            depends_on=tuple(stack["depends_on"]),
        )
        for stack in stacks
    )


def apply_base(session: Session, graph: StackGraph, jobs: int) -> list[Outcome[None]]:
    """Apply every stack with one Terraform command each; return outcomes in the graph's order.

    Nobody reads the plans or shares the states: no plan file is written, and no state is locked.
    """

    def apply(node: StackNode) -> None:
        with session.initialized(node.name) as terraform:
            terraform.apply(None, "-lock=false")

    return StackScheduler(
        graph=graph,
        work=apply,
        jobs=jobs,
        interrupt=session.pool.interrupt,
        on_outcome=lambda _outcome: None,
    ).run()


class BaseVersionError(UsageError):
    """The base's version of iot-dr is not installed, and cannot be."""


def base_command(ref: str, code: Path, folder: Path) -> Sequence[str | Path]:
    """Return the command `iot-dr` for the project in `code`, the files of the commit `ref`.

    With the installed version, the plan of an upgrade would show none of the upgrade's changes:
    another version is installed into `folder`, as the project's Makefile does, unless
    `IOT_DR_BASE_PROGRAM` names it. Raises BaseVersionError if there is no such version, and
    SettingsError if the record of the version is broken.
    """
    needed = generated_version(code)
    if needed is None and (code / "iot_dr").is_dir():
        # A clone of iot-dr, whose own code synthesizes it: the caller runs this in `code`.
        return [sys.executable, "-m", "iot_dr"]
    if needed is None or needed == version("iot-dr"):
        return [sys.executable, "-P", "-m", "iot_dr"]
    program = os.environ.get(PROGRAM_VARIABLE)
    if program:
        printed = _run([program, "--version"], PROGRAM_VARIABLE)
        if printed.strip() != f"iot-dr {needed}":
            message = f"is {plain(printed.strip())}; --base {ref} needs iot-dr {plain(needed)}"
            raise BaseVersionError(f"{PROGRAM_VARIABLE}: {message}")
        return [program]
    what = f"--base {ref}: iot-dr {plain(needed)}"
    sys.stderr.write(f"{what} generated it, and is installed in a temporary folder ...\n")
    sys.stderr.flush()
    venv = folder / "base-venv"
    pip = [venv / "bin" / "python", "-I", "-m", "pip", "install", "--quiet", "--no-deps"]
    pip.append("--require-hashes")
    failed = f"{what} cannot be installed; set {PROGRAM_VARIABLE} to an installed one"
    _run([sys.executable, "-I", "-m", "venv", venv], failed)
    _run([*pip, "-r", code / "requirements.lock"], failed)
    _run([*pip, "-r", code / "requirements.txt"], failed)
    return [venv / "bin" / "iot-dr"]


def _run(command: Sequence[str | Path], failed: str) -> str:
    """Return the output of a command; raises BaseVersionError, with its last line, if it fails."""
    # Python would import from the base's own folders, pip's included.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        ran = subprocess.run(  # noqa: S603 - see above
            command, env=environment, capture_output=True, text=True, check=True
        )
    except OSError as error:
        raise BaseVersionError(f"{failed}: {error.strerror}") from None
    except subprocess.CalledProcessError as error:
        lines = str(error.stderr).strip().splitlines() or ["no message"]
        raise BaseVersionError(f"{failed}: {plain(lines[-1])}") from None
    return ran.stdout
