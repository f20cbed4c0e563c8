"""The files that `iot-dr init` generates and `iot-dr upgrade` compares.

Most come from iot-dr's own repository, which is a project of the same form.
"""

import json
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Final

from environments import schema
from environments.project import ENGINE_KEY, MARK
from environments.settings import Settings
from iot_dr.bindings.engine import EXTRAS, PROVIDERS, SOURCE_ENGINE
from iot_dr.common.extra import UNKNOWN_URL, installed_wheel
from iot_dr.common.project import ROOT
from iot_dr.delivery.rollout_workflow import FOLDER, RolloutWorkflow

REQUIREMENTS: Final = "requirements.txt"
"""The file that pins iot-dr itself."""

ENGINE_LOCKS: Final = {
    name: f"requirements-{name}.lock" for name in PROVIDERS if name != SOURCE_ENGINE
}
"""The lock that adds each engine but the usual one to a project."""

_SCHEMA: Final = ".iot-dr/settings.schema.json"
_TEMPLATES: Final = Path(__file__).with_name("templates")
# tools/hatch_build.py adds them, and the files below that are changed here, to the wheel.
_COPIED: Final = (
    *(".github/actions/setup/action.yml", ".npmrc", "main.py"),
    *("package-lock.json", "package.json", "requirements.lock"),
)
_ENVIRONMENTS: Final = ("dev", "staging", "prod")  # in the repository's own workflows


def generated_files(
    project: str, environments: Sequence[Settings], engine: str = SOURCE_ENGINE
) -> dict[str, bytes]:
    """Return the content of each generated file by path, except the settings files.

    The workflows apply the environments in this order; the first is the Makefile's default.
    """
    names = [settings.environment for settings in environments]
    locks = [lock for name, lock in ENGINE_LOCKS.items() if name == engine]
    files = {path: (ROOT / path).read_bytes() for path in _COPIED}
    files |= {lock: (ROOT / "locks" / lock).read_bytes() for lock in locks}
    texts = {
        ".gitignore": _template("gitignore"),
        "Makefile": _template("Makefile").replace("@ENVIRONMENT@", names[0]),
        "README.md": _template("README.md")
        .replace("@ENVIRONMENT@", names[0])
        .replace("@PROJECT@", project),
        MARK: _cdktf(project, engine),
        REQUIREMENTS: _requirements(engine),
        _SCHEMA: schema.FILE.read_text(encoding="utf-8"),
        **dict(_workflows(names)),
    }
    for settings in environments:
        rollout = RolloutWorkflow.of(settings)
        texts[f"{FOLDER}/{rollout.name}"] = rollout.text
    return files | {path: text.encode() for path, text in texts.items()}


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _cdktf(project: str, engine: str) -> str:
    own = json.loads((ROOT / MARK).read_bytes()) | {"projectId": project}
    if engine != SOURCE_ENGINE:
        own["context"] = {ENGINE_KEY: engine}
    return json.dumps(own, indent=2) + "\n"


def _requirements(engine: str) -> str:
    """Pin the wheel that this version was installed from, with the engine, which `main.py` imports.

    Without its URL and hash it is a line that pip refuses: the name alone could be anybody's.
    """
    extra = EXTRAS[engine]
    url, note = installed_wheel() or UNKNOWN_URL, ""
    if "#sha256=" not in url:
        url = UNKNOWN_URL
        note = (
            f"# iot-dr is on no public index: write the URL of its wheel {version('iot-dr')}, as\n"
            f"# iot-dr[{extra}] @ https://example.com/iot_dr.whl#sha256=HASH, or the path of the\n"
            "# wheel and --hash=sha256:HASH as the whole line.\n"
        )
    elif url.startswith("file:"):
        note = (
            "# This wheel is on one machine alone: for others, write its URL or its path in the\n"
            "# repository.\n"
        )
    return f"{note}iot-dr[{extra}] @ {url}\n"


def _workflows(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the repository's workflows for pull requests and rollouts, with other environments."""
    for name in ("apply.yml", "plan.yml", "wave.yml"):
        text = (ROOT / FOLDER / name).read_text(encoding="utf-8")
        text = text.replace("(docs/", "(iot-dr's docs/")
        text = text.replace(f"[{', '.join(_ENVIRONMENTS)}]", f"[{', '.join(names)}]")
        yield f"{FOLDER}/{name}", _applied(text, names) if name == "apply.yml" else text


def _applied(text: str, names: Sequence[str]) -> str:
    """Return apply.yml with a job for each of the environments; each needs the one before."""
    head, first, later, _ = re.split(rf"\n(?=  (?:{'|'.join(_ENVIRONMENTS)}):\n)", text)
    jobs = [_renamed(first, "dev", names[0])]
    for previous, name in pairwise(names):
        job = later.replace("[shown, dev]", f"[shown, {previous}]")
        jobs.append(_renamed(job, "staging", name))
    return "\n".join((head, *jobs)).rstrip("\n") + "\n"


def _renamed(job: str, old: str, new: str) -> str:
    """Return a job of another environment; GitHub's variables have no hyphens in their names."""
    variable = f"APPLY_ROLE_ARN_{new.upper().replace('-', '_')}"
    job = job.replace(f"APPLY_ROLE_ARN_{old.upper()}", variable)
    return job.replace(f"  {old}:", f"  {new}:").replace(f"rollout-{old}.yml", f"rollout-{new}.yml")
