"""The commands of README, the tutorial and other first pages, as a new user runs them."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.iot_dr.rules.case_plans import SAMPLE
from tests.support.command import ROOT
from tests.support.drill import needs_mosquitto
from tests.support.git import IDENTITY
from tests.support.project import Project
from tests.support.runbook import Walk, unmeasured

_BLOCKED, _MISSED, _REFUSED = 1, 3, 3
# A target of make and the command of `iot-dr` that it runs.
RECIPES = dict(
    re.findall(
        r"^(\w+): .*\n\t@\$\(IOT_DR\) (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
    )
)


def reviewed(text: str) -> str:
    """Replace what differs between two runs: times and the id of a commit."""
    return re.sub(r"HEAD \(\w+\)", "HEAD", unmeasured(text))


def identified(text: str) -> str:
    """Replace the invented id of a zone."""
    return re.sub(r"\bZ[0-9A-F]{20}\b", "Z0", text)


def rehearsed(text: str) -> str:
    """Replace what differs between two drills: numbers, and with them where a line breaks."""
    return "\n".join(re.sub(r"\d[\d,.]*\d|\d", "0", word) for word in text.split()) + "\n"


@pytest.mark.exhaustive
@needs_mosquitto
@pytest.mark.runbook("../tutorial.md")
def test_the_tutorial_leads_to_a_drill_that_passes(walk: Walk, tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")

    def run(command: str, code: int = 0) -> str:
        done = project.try_(command, **IDENTITY, PROVIDER="standin")
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def miss(command: str) -> str:
        return run(command, _MISSED)

    assert walk.next("export").text.endswith("PROVIDER=standin")
    walk.step(run, "iot-dr env new demo")
    walk.step(run, "git add")
    walk.step(run, "iot-dr plan")
    walk.step(miss, "iot-dr drill run", rehearsed)
    walk.step(run, "echo")
    walk.step(run, "iot-dr review", reviewed)
    walk.step(run, "iot-dr drill run", rehearsed)
    walk.step(run, "iot-dr sandbox up")
    walk.step(run, "iot-dr sandbox down")


def recipe(target: str, variables: Mapping[str, str]) -> str:
    """Return the arguments that a target of make gives to `iot-dr`."""

    def given(option: re.Match[str]) -> str:
        value = variables.get(option[1])
        return option[2].replace(f'"$${option[1]}"', value) if value else ""

    return re.sub(r"\$\$\{(\w+):\+(.*?)\}", given, RECIPES[target])


def made(project: Project, code: int = 0) -> Callable[[str], str]:
    """Return what runs a command of a page, which may be a target of make, in a project."""

    def run(command: str) -> str:
        line, variables = command.removeprefix(".venv/bin/"), dict[str, str]()
        if target := re.search(r"(?:^|\s)make (\w+)", command):
            variables = dict(re.findall(r"(\w+)=(\S+)", command))
            line = f"iot-dr {recipe(target[1], variables)}"
        done = project.try_here(line, **variables)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.mark.exhaustive
@pytest.mark.runbook("../../README.md")
def test_the_readme_shows_what_its_commands_print(walk: Walk, tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project", "data")
    walk.step(made(project), "make graph ENV=staging")
    walk.step(made(project), "make plan ENV=dev")
    assert walk.next("pip install 'iot-dr @ https://").shown == ""
    shutil.copytree(SAMPLE.parent, project.folder / SAMPLE.parent.relative_to(ROOT))
    walk.step(made(project, _BLOCKED), "iot-dr check")
    project.edit("environments/dev.yaml", "ttl: 60", "ttl: 120")
    walk.step(made(project), "make review ENV=dev BASE=HEAD", reviewed)
    project.edit("environments/dev.yaml", "ttl: 120", "ttl: 60")
    walk.step(made(project), "PRIMARY_REGION=eu-central-1 make plan")
    walk.step(project.cdktf, "ENV=dev node_modules/.bin/cdktf deploy", identified)


@pytest.mark.exhaustive
@pytest.mark.runbook("../how-to/review.md")
def test_reviews_are_as_their_page_shows_them(walk: Walk, tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    file = "environments/dev.yaml"
    walk.step(made(project), "make review ENV=dev", reviewed)
    project.edit(file, "ttl: 60", "ttl: 120")
    walk.step(made(project), "make review ENV=dev BASE=HEAD", reviewed)
    with_data = Project.copy(tmp_path / "data", "data")
    with_data.edit(file, "stream_hours: 24, stream_shards: 1", "stream_hours: 48, stream_shards: 1")
    walk.step(made(with_data), "iot-dr review", reviewed)
    project.edit(file, "ttl: 120", "ttl: 300")
    walk.step(made(project, _REFUSED), "make review ENV=dev BASE=HEAD", reviewed)


@pytest.mark.exhaustive
@pytest.mark.runbook("../explanation/why.md")
@pytest.mark.runbook("../reference/settings.md")
@pytest.mark.runbook("../reference/architecture.md")
@pytest.mark.runbook("../how-to/project.md", "")
def test_other_pages_show_what_their_commands_print(walk: Walk, tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project", "data")
    shutil.copytree(SAMPLE.parent, project.folder / SAMPLE.parent.relative_to(ROOT))

    walk.step(made(project, _BLOCKED), ".venv/bin/iot-dr check")
    while walk.left:
        walk.step(made(project))


@pytest.mark.exhaustive
@needs_mosquitto
def test_the_first_deploy_works_with_the_stand_in_where_no_account_is_needed(
    tmp_path: Path,
) -> None:
    page = (ROOT / "docs" / "how-to" / "first-deploy.md").read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    assert lines[0] == "export PROVIDER=aws"
    needs_account = tuple(
        f"iot-dr {name}" for name in ("doctor", "status", "acceptance", "registry")
    )
    project = Project.copy(tmp_path / "project")
    ran = [line for line in lines[1:] if not line.startswith(needs_account)]
    assert [line.split()[1] for line in ran] == ["state", "plan", "review", "deploy", "drill"]
    for line in ran:
        done = project.try_(line, **IDENTITY, PROVIDER="standin")
        # Without the block `data` the standby does not know the devices.
        assert done.returncode == (_MISSED if " drill " in line else 0), done.stdout + done.stderr
