"""tools/install.py, with which `make` installs; these tests run it with their own uv."""

import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.command import ROOT
from tests.support.executable import executable
from tests.support.package_index import PASSWORD, PackageIndex, package_index, wheel

MAKE = shutil.which("make") or "make"
UV = f"#!/bin/sh\nexec '{sys.prefix}/bin/uv' \"$@\"\n"


class Machine:
    """A folder with tools/install.py, a lock of `tiny`, and a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.wheels = folder, folder / "home", folder / "wheels"
        self.venv = folder / "venv"

    @classmethod
    def make(cls, folder: Path) -> "Machine":
        machine = cls(folder)
        machine.home.mkdir()
        machine.wheels.mkdir()
        for name in ("tools", "locks"):
            (folder / name).mkdir()
        shutil.copy(ROOT / "tools" / "install.py", folder / "tools")
        version = importlib.metadata.version("uv")
        script = {f"uv-{version}.data/scripts/uv": UV}
        lock = wheel(machine.wheels, "uv", version, script)
        (folder / "locks" / "requirements-uv.lock").write_text(lock)
        lock = wheel(machine.wheels, "tiny", "1.0", {"tiny.py": ""})
        (folder / "tiny.lock").write_text(lock)
        return machine

    def environment(self, **env: str) -> dict[str, str]:
        own = {"PATH": os.environ["PATH"], "HOME": str(self.home), "UV_CACHE_DIR": "cache"}
        return {**own, "PIP_NO_CACHE_DIR": "1", "UV_HTTP_RETRIES": "0", **env}

    def start(self, **env: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "tools/install.py", "venv", "tiny.lock"],
            cwd=self.folder,
            env=self.environment(**env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def install(self, **env: str) -> tuple[int, str]:
        """Install, and return the exit status and what was printed."""
        with self.start(**env) as process:
            printed, _ = process.communicate()
        return process.returncode, printed

    @property
    def installer(self) -> str:
        """What installed `tiny`, which must be importable."""
        code = (
            "import tiny\nfrom importlib.metadata import distribution\n"
            "print(distribution('tiny').read_text('INSTALLER'))"
        )
        command = [self.venv / "bin" / "python", "-I", "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    @property
    def offline(self) -> dict[str, str]:
        return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": f"{self.wheels} missing-folder"}


@pytest.fixture(scope="module")
def with_uv(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine whose environment has uv and nothing else."""
    machine = Machine.make(tmp_path_factory.mktemp("machine"))
    lock = machine.folder / "tiny.lock"
    tiny = lock.read_text()
    shutil.copy(machine.folder / "locks" / "requirements-uv.lock", lock)
    status, printed = machine.install(**machine.offline)
    assert status == 0, printed
    lock.write_text(tiny)
    return machine


@pytest.fixture
def machine(with_uv: Machine, tmp_path: Path) -> Machine:
    copy = tmp_path / "machine"
    shutil.copytree(with_uv.folder, copy, symlinks=True)
    return Machine(copy)


@pytest.fixture
def index(machine: Machine) -> Generator[PackageIndex]:
    with package_index(machine.wheels) as served:
        yield served


@pytest.mark.exhaustive
def test_uv_installs_from_the_folder_that_pip_is_reported_of(machine: Machine) -> None:
    status, printed = machine.install(**machine.offline)
    assert (status, machine.installer) == (0, "uv"), printed
    assert "Installing tiny.lock into venv (once), with Python 3." in printed
    assert "venv has " in printed.splitlines()[-1]


def test_uv_asks_the_indexes_of_pips_files_and_nobody_sees_the_password(
    machine: Machine, index: PackageIndex
) -> None:
    config = machine.home / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True)
    empty = index.url.replace("simple", "empty")
    config.write_text(f"[global]\nindex-url={empty}\n[install]\nextra-index-url=\n  {index.url}\n")
    status, printed = machine.install()
    assert (status, machine.installer) == (0, "uv"), printed
    config.unlink()
    assert PASSWORD not in printed
    files = [file for file in machine.folder.rglob("*") if file.is_file()]
    assert [file for file in files if PASSWORD.encode() in file.read_bytes()] == []


@pytest.mark.exhaustive
def test_uv_goes_through_the_proxy_of_pip(machine: Machine, index: PackageIndex) -> None:
    url = index.url.replace(index.at, "index.test")
    status, printed = machine.install(PIP_INDEX_URL=url, PIP_PROXY=f"http://{index.at}")
    assert (status, machine.installer) == (0, "uv"), printed
    assert "http://index.test/simple/tiny/" in index.asked


@pytest.mark.exhaustive
def test_an_index_that_is_set_for_uv_counts_more_than_pips(
    machine: Machine, index: PackageIndex
) -> None:
    pips = {"PIP_INDEX_URL": index.url.replace("simple", "empty")}
    status, printed = machine.install(**pips, UV_DEFAULT_INDEX=index.url)
    assert (status, machine.installer) == (0, "uv"), printed
    shutil.rmtree(machine.venv / "lib")
    config = machine.home / ".config" / "uv" / "uv.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'index-url = "{index.url}"\n')
    asked = len(index.asked)
    machine.install(**pips, UV_NO_CACHE="1")
    assert any("/simple/tiny" in path for path in index.asked[asked:])
    assert not any("/empty/tiny" in path for path in index.asked[asked:])


@pytest.mark.exhaustive
def test_pip_installs_where_uv_cannot_reach_its_index(
    machine: Machine, index: PackageIndex
) -> None:
    uvs = index.url.replace("simple", "empty")
    status, printed = machine.install(**machine.offline, UV_DEFAULT_INDEX=uvs)
    assert (status, machine.installer) == (0, "pip"), printed
    assert "uv could not install, as said above: pip does" in printed


def test_pip_installs_where_uv_does_not_run(machine: Machine) -> None:
    (machine.venv / "bin" / "uv").write_text("#!/bin/sh\nexit 1\n")
    status, printed = machine.install(**machine.offline)
    assert (status, machine.installer) == (0, "pip"), printed
    assert "uv could not install, as said above: pip does" in printed


def test_a_wheel_with_other_bytes_is_refused_by_uv_and_by_pip(machine: Machine) -> None:
    wheel(machine.wheels, "tiny", "1.0", {"tiny.py": "other = True"})
    status, printed = machine.install(**machine.offline)
    assert status != 0
    assert "Hash mismatch" in printed
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in printed
    assert machine.installer == ""


@pytest.mark.exhaustive
def test_an_install_that_is_cut_off_starts_again(machine: Machine, index: PackageIndex) -> None:
    index.serves_wheels.clear()
    with machine.start(PIP_INDEX_URL=index.url) as process:
        index.wheel_is_asked.wait()
        os.killpg(process.pid, signal.SIGINT)
        printed, _ = process.communicate()
    assert process.returncode != 0
    assert "interrupted: the next `make` starts this install again" in printed
    assert "Traceback" not in printed
    left = machine.venv / "left-half"
    left.touch()
    status, printed = machine.install(**machine.offline)
    assert (status, machine.installer) == (0, "uv"), printed
    assert not left.exists()


def test_python_starts_in_a_folder_that_the_locale_cannot_write(tmp_path: Path) -> None:
    project = tmp_path / "platform ü"
    venv = project / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (project / "tiny.py").touch()
    (packages,) = venv.glob("lib/*/site-packages")
    # As hatchling writes it for an editable install.
    (packages / "_tiny.pth").write_text(str(project), encoding="utf-8")
    (packages / "other.pth").write_text("import sys\n", encoding="utf-8")
    run = [
        sys.executable,
        "-c",
        "from tools import install; install.shorten_paths(install.Path('.venv'), ['.'])",
    ]
    subprocess.run(run, cwd=project, env={"PYTHONPATH": str(ROOT)}, check=True)
    done = subprocess.run(
        [venv / "bin" / "python", "-c", "import tiny"],
        cwd=tmp_path, env={"LC_ALL": "C"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (packages / "other.pth").read_text(encoding="utf-8") == "import sys\n"


@pytest.mark.exhaustive
def test_an_environment_of_another_python_is_created_again(machine: Machine) -> None:
    config = machine.venv / "pyvenv.cfg"
    config.write_text(config.read_text().replace("version = 3.", "version = 3.9"))
    status, printed = machine.install(**machine.offline)
    assert (status, machine.installer) == (0, "uv"), printed
    version = ".".join(map(str, sys.version_info[:2]))
    assert f"version = {version}." in config.read_text()


class Clone:
    """A clone in which everything is installed, as make sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.programs = folder, folder / "programs"
        for name in ("Makefile", "pyproject.toml", "requirements.lock"):
            shutil.copy(ROOT / name, folder)
        self.programs.mkdir()
        binaries = folder / ".venv" / "bin"
        binaries.mkdir(parents=True)
        (binaries / "python").symlink_to(sys.executable)
        version = ".".join(map(str, sys.version_info[:3]))
        (folder / ".venv" / "pyvenv.cfg").write_text(f"version = {version}\n")
        (folder / ".venv" / ".app-installed").touch()

    def plan(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """What `make plan` would run, with no Python on the path but those of `programs`."""
        return subprocess.run(
            [MAKE, "--no-print-directory", "--dry-run", "plan", *arguments],
            cwd=self.folder, capture_output=True, text=True, check=False,
            env={"PATH": str(self.programs)},
        )  # fmt: skip


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_nothing_is_installed_twice(clone: Clone) -> None:
    assert "install.py" not in clone.plan().stdout
    assert "install.py" not in clone.plan(f"PYTHON={sys.executable}").stdout


def test_an_environment_is_created_again_for_the_python_that_is_named(clone: Clone) -> None:
    (clone.folder / ".venv" / "pyvenv.cfg").write_text("version = 3.9.1\n")
    assert "install.py" not in clone.plan().stdout
    assert f"{sys.executable} tools/install.py" in clone.plan(f"PYTHON={sys.executable}").stdout


def test_an_environment_whose_python_is_gone_is_created_again(clone: Clone) -> None:
    python = clone.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(clone.folder / "gone")
    (clone.programs / "python3.13").symlink_to(sys.executable)
    assert "python3.13 tools/install.py .venv requirements.lock ." in clone.plan().stdout


def test_a_machine_whose_python_is_too_old_is_reported(clone: Clone) -> None:
    shutil.rmtree(clone.folder / ".venv")
    executable(clone.programs / "python3", "#!/bin/sh\nexit 1\n")
    done = clone.plan()
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed" in done.stderr
