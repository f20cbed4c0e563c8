"""The wheel: what is in it, and that it works where nothing of this repository is."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.base_packages import base_packages
from tests.support.built_wheel import Installed, built_wheel
from tests.support.command import ROOT, iot_dr_here
from tests.support.git import git
from tests.support.judge_example import MSGSPEC_ALONE, example_output
from tools.hatch_build import linked, prefixed

APP = "iot_dr/_app/"
SUFFIX = "-py3-none-any"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed.of(wheel, tmp_path_factory.mktemp("installed") / "venv")


def test_without_its_prefixes_each_file_is_the_repositorys(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    assert "iot_dr/py.typed" in content
    assert {name.split("/")[0] for name in content} == {
        "iot_dr",
        f"{wheel.stem.removesuffix(SUFFIX)}.dist-info",
    }
    compared = set[str]()
    for name in (name for name in content if name.startswith("iot_dr/")):
        of_repository = name.removeprefix(APP).removeprefix("importable/")
        if name.removeprefix(APP) in {"__init__.py", "importable/__init__.py"}:
            continue
        plain = content[name].replace(b"iot_dr._app.importable.", b"").replace(b"iot_dr._app.", b"")
        expected = (ROOT / of_repository).read_bytes()
        is_code = of_repository.startswith("functions/")
        assert plain == (expected if is_code else linked(expected, ROOT)), name
        compared.add(of_repository)
    for folder in ("iot_dr", "environments", "modules", "stacks", "functions"):
        for path in (ROOT / folder).rglob("*"):
            name = path.relative_to(ROOT).as_posix()
            is_settings = folder == "environments" and path.suffix == ".yaml"
            if path.is_file() and "__pycache__" not in path.parts and path.name[0] != ".":
                assert (name in compared) is not is_settings, name


def test_no_message_and_no_generated_file_names_a_page_that_the_wheel_has_not(
    wheel: Path,
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in (name for name in archive.namelist() if ".dist-info/" not in name):
            if not name.startswith((f"{APP}functions/", f"{APP}importable/")):
                pages = re.findall(rb"(?<![\w/.:-])docs/\S*\.md|docs/\"\n", archive.read(name))
                assert not pages, name


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("", "see the page `State of the platform\N{RIGHT SINGLE QUOTATION MARK}s stacks`, 1"),
        (
            'docs-url = ""',
            "see the page `State of the platform\N{RIGHT SINGLE QUOTATION MARK}s stacks`, 1",
        ),
        (
            'docs-url = "https://example.org/VERSION/"',
            "see https://example.org/1.2/docs/runbooks/state.md, 1",
        ),
    ],
)
def test_a_page_is_named_by_its_address_of_this_version_or_by_its_title(
    setting: str, named: str, tmp_path: Path
) -> None:
    page = tmp_path / "docs" / "runbooks" / "state.md"
    page.parent.mkdir(parents=True)
    page.write_text("# State of the `platform's` stacks\n\nText.\n")
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nversion = "1.2"\n[tool.hatch.build.targets.wheel.hooks.custom]\n{setting}\n'
    )
    assert linked(b"see docs/runbooks/state.md, 1", tmp_path).decode() == named
    for other in (b"docs.aws.amazon.com/docs/a.md", b"here:docs/runbooks/state.md"):
        assert linked(other, tmp_path) == other
    with pytest.raises(ValueError, match=r"docs/none\.md: no such page"):
        linked(b"docs/none.md", tmp_path)


def test_no_import_of_a_package_that_moves_is_left(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".py") and not name.startswith(f"{APP}functions/"):
                for line in archive.read(name).decode().splitlines():
                    words = line.split()
                    if words[:1] in (["from"], ["import"]) and len(words) > 1:
                        package = words[1].split(".")[0]
                        assert package not in {"environments", "modules", "stacks", "functions"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("import stacks.stage", "write `from stacks.stage import` or `import ... as`"),
        ("from  modules.queue import Queue", "write `from modules.queue` with one space"),
        ('import_module(f"stacks.{name}")', r"'stacks\.' has another name in the wheel"),
    ],
)
def test_an_import_that_cannot_have_a_prefix_fails_the_build(line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^iot_dr/own.py:2: {problem}"):
        prefixed(f"def late():\n    {line}\n".encode(), "iot_dr/own.py")


def test_designs_are_judged_with_msgspec_alone(wheel: Path) -> None:
    judged = example_output("-c", MSGSPEC_ALONE, PYTHONPATH=str(wheel))
    assert judged == example_output()


@pytest.mark.exhaustive
def test_two_builds_have_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    assert built_wheel(tmp_path).read_bytes() == wheel.read_bytes()


def user_project(folder: Path) -> Path:
    """Make a project whose own packages have the names of the repository's."""
    (folder / "environments").mkdir(parents=True)
    shutil.copy(ROOT / "environments" / "dev.yaml", folder / "environments")
    (folder / "cdktf.json").write_text("{}")
    for name in ("environments", "functions", "modules", "stacks"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "__init__.py").write_text(f"OWN = {name!r}\n")
    return folder


@pytest.mark.exhaustive
def test_the_wheel_synthesizes_what_the_repository_does_next_to_packages_of_the_same_names(
    installed: Installed, tmp_path: Path
) -> None:
    project = user_project(tmp_path / "project")
    done = installed.iot_dr("synth", "--out", "out", cwd=project)
    assert done.returncode == 0, done.stderr
    assert iot_dr_here("synth", "--out", str(tmp_path / "out")).returncode == 0
    ours, theirs = (
        {file.relative_to(out): file.read_bytes() for file in out.rglob("*") if file.is_file()}
        for out in (tmp_path / "out", project / "out")
    )
    assert len(ours) > 5
    assert theirs == ours


@pytest.mark.exhaustive
def test_nothing_is_imported_from_the_repository(installed: Installed, tmp_path: Path) -> None:
    project = user_project(tmp_path / "project")
    code = f"""
import sys
import modules, stacks, environments, functions
from iot_dr.generate.app import build
from iot_dr.operate.registry import seed
from iot_dr._app.environments.loader import load
build([load("dev")])
assert (modules.OWN, functions.OWN) == ("modules", "functions")
files = [str(each.__file__) for each in list(sys.modules.values()) if getattr(each, "__file__", "")]
assert any("/_app/modules/" in file for file in files)
for file in files:
    assert not file.startswith({str(ROOT)!r}) or "/site-packages/" in file, file
"""
    done = installed.run("-c", code, cwd=project)
    assert done.returncode == 0, done.stderr


def test_without_extras_it_takes_at_most_45_mb(wheel: Path, tmp_path: Path) -> None:
    folder = base_packages(tmp_path / "packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "wheel")
    size = sum(
        Path(at, name).stat().st_size
        for at, _, names in os.walk(folder, followlinks=True)
        for name in names
        if not name.endswith(".pyc")
    )
    assert 20e6 < size <= 45e6


@pytest.mark.exhaustive
def test_without_extras_it_judges_designs_and_plans(
    wheel: Path, installed: Installed, tmp_path: Path
) -> None:
    project = user_project(tmp_path / "project")
    for line in ("synth --env dev", "plan --env dev --provider standin --out plans"):
        done = installed.iot_dr(*line.split(), cwd=project)
        assert done.returncode == 0, done.stderr
    base = Installed.of(wheel, tmp_path / "venv", base_packages(tmp_path / "packages"))
    for line in ("check cdktf.out", "prove cdktf.out", "rto --env dev", "review --plans plans"):
        done = base.iot_dr(*line.split(), cwd=project)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == installed.iot_dr(*line.split(), cwd=project).stdout


@pytest.mark.exhaustive
def test_commands_say_where_there_is_no_project(installed: Installed, tmp_path: Path) -> None:
    for command in ("synth", "plan", "status", "drill run", "registry status"):
        done = installed.iot_dr(*command.split(), cwd=tmp_path)
        assert done.returncode == 2
        assert "has a cdktf.json; change to the project's folder" in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def generated(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the wheel, committed, in which the commands of its README run."""
    folder = tmp_path_factory.mktemp("empty")
    done = installed.iot_dr("init", "platform", cwd=folder)
    assert done.returncode == 0, done.stderr
    project = folder / "platform"
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "all"]):
        git(project, *command)
    (project / "node_modules").symlink_to(ROOT / "node_modules")
    return project


@pytest.mark.exhaustive
def test_the_commands_of_a_new_projects_readme_work_at_once(
    installed: Installed, generated: Path
) -> None:
    readme = (generated / "README.md").read_text(encoding="utf-8")
    plan, check = re.findall(r"^\$ (make .+)$", readme, re.MULTILINE)
    done = installed.shell(plan, cwd=generated)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n10 stacks: 285 to create" in done.stdout
    done = installed.shell(check, cwd=generated)
    assert (done.returncode, done.stdout[:4]) == (0, "ok: "), done.stdout + done.stderr


OTHERS = {
    "make sandbox sandbox-down": "removed .sandbox/dev",
    "iot-dr deploy && iot-dr destroy --confirm dev": "dev: deployed in",
    "iot-dr drill run --outage switch --devices 20": "passed",
    "make review PROVIDER=standin BASE=HEAD": "ok: no changes",
}


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("command", "printed"),
    [
        *OTHERS.items(),
        ("iot-dr registry status --help && iot-dr emit canary --out dist", "1 module in"),
        ("iot-dr upgrade && iot-dr pipeline workflow --check", "no generated file changes"),
    ],
)
def test_other_commands_work_in_a_new_project(
    command: str, printed: str, installed: Installed, generated: Path
) -> None:
    done = installed.shell(command, cwd=generated)
    assert done.returncode == 0, done.stdout + done.stderr
    assert printed in done.stdout


@pytest.mark.exhaustive
def test_uv_installs_it_as_a_tool_that_does_all_of_this(
    wheel: Path, generated: Path, tmp_path: Path
) -> None:
    """The packages that it needs come from uv's cache, into which `make install` put them."""
    folders = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    uv = Path(sys.executable).with_name("uv")
    name = f"{wheel}[synth,terraform,review,drill]"
    command = [uv, "tool", "install", "--offline", "--python", sys.executable, name]
    subprocess.run(command, env={**os.environ, **folders}, check=True, capture_output=True)
    done = Installed(tmp_path / "bin" / "python").shell(" && ".join(OTHERS), cwd=generated)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(text in done.stdout for text in OTHERS.values()), done.stdout
