"""The action of this repository: its steps, run on repositories of users who write HCL."""

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sarif_kit.validate import validation_errors

from tests.iot_dr.cli.test_check import design
from tests.iot_dr.prover.test_hand_written import design as failover_pair
from tests.support.command import ROOT, plain_environment
from tests.support.github_api import BOT, FORK_TOKEN, WORKFLOW_TOKEN, GitHub, github_api
from tests.support.hcl_users import PLANS, hcl_users
from tests.support.workflow import Job

ACTION: Any = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
DEFAULTS = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()}
SOUND = "ok: no findings; "
exhaustive = pytest.mark.exhaustive
_OF_JOB = {"GITHUB_TOKEN", "GITHUB_STEP_SUMMARY"}


@pytest.fixture
def github() -> Generator[GitHub]:
    with github_api(GitHub()) as served:
        yield served


@pytest.fixture
def users(tmp_path: Path) -> Path:
    return hcl_users(tmp_path / "users")


class Action:
    """A use of the action in a pull request's job; its Python is that of these tests."""

    def __init__(self, temp: Path, github: GitHub | None = None) -> None:
        self.temp = temp
        self.github = github
        self.uploads: list[dict[str, Any]] = []

    def run(self, cwd: Path, path: str, token: str = WORKFLOW_TOKEN, **inputs: str) -> Job:
        commands = self.temp / "iot-dr/bin"
        if not commands.exists():
            commands.mkdir(parents=True)
            (commands / "iot-dr").symlink_to(Path(sys.executable).with_name("iot-dr"))
        variables = self.github.variables() if self.github else {}
        event = {"event_name": "pull_request" if self.github else "push"}
        server = {"server_url": "https://github.example", "action_repository": "owner/iot-dr"}
        job = Job(
            steps=ACTION["runs"]["steps"],
            contexts={
                "steps": {},
                "github": {**event, **server, "action_ref": "v0", "token": token},
                "inputs": {**DEFAULTS, "token": token, "path": path, **inputs},
            },
            cwd=cwd,
            temp=self.temp,
            job_env={},
            env={
                # The job has the others.
                **{key: each for key, each in variables.items() if key not in _OF_JOB},
                "GITHUB_ACTION_PATH": str(ROOT),
            },
            uses={"github/codeql-action/upload-sarif": self.upload},
        )
        return job.run()

    def upload(self, inputs: Any) -> bool:
        log = json.loads(Path(inputs["sarif_file"]).read_bytes())
        assert validation_errors(log) == []
        self.uploads.append(log["runs"][0])
        return True


@pytest.mark.parametrize(
    ("name", "file"),
    [
        pytest.param("flat", "main.tf", marks=exhaustive),
        ("children", "modules/entry/main.tf"),
        pytest.param("terragrunt", "live/prod/global/entry/terragrunt.hcl", marks=exhaustive),
    ],
)
def test_a_sound_design_of_each_style_passes_and_a_wrong_one_fails_at_its_block(
    name: str, file: str, users: Path, tmp_path: Path, github: GitHub
) -> None:
    action = Action(tmp_path / "runner", github)
    job = action.run(users / name, "\n".join(PLANS[name]))
    assert (job.status, job.output("check", "status")) == ("success", "0"), job.printed
    assert SOUND in job.printed
    for plan in (users / name / each for each in PLANS[name]):
        # AWS IoT answers checks by HTTPS with 403.
        plan.write_text(plan.read_text().replace('"TCP"', '"HTTPS"'))
    job = action.run(users / name, "**/plan.json", name="prod/dns")
    assert (job.status, job.output("check", "status")) == ("failure", "1"), job.printed
    first, second = github.bodies(BOT)
    assert SOUND in first
    assert "**iot-dr check prod/dns**" in second
    assert "[https-check-on-iot-name]" in second
    sound, wrong = action.uploads
    assert sound["results"] == []
    places = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in wrong["results"]
        if result["ruleId"] == "https-check-on-iot-name"
    }
    assert places == {file}
    assert wrong["tool"]["driver"]["rules"][0]["helpUri"].startswith(
        "https://github.example/owner/iot-dr/blob/v0/docs/reference/rules.md#"
    )


@pytest.mark.parametrize(
    ("token", "shown"), [(FORK_TOKEN, (True, False)), ("ghs_unknown", (False, True))], ids=str
)
def test_a_fork_gets_the_result_in_the_summary_and_a_server_that_fails_does_not_change_it(
    token: str, shown: tuple[bool, bool], users: Path, tmp_path: Path, github: GitHub
) -> None:
    job = Action(tmp_path / "runner", github).run(users / "flat", "plan.json", token)
    assert job.status == "success", job.printed
    assert github.bodies(BOT) == []
    warning = "::warning::iot-dr could not comment"
    assert (SOUND in job.summary, warning in job.printed) == shown


@pytest.mark.parametrize(
    "path",
    [
        *("-x", "plan.json; touch it"),
        *(
            pytest.param(path, marks=exhaustive)
            for path in ("gone.json", "", "$(touch it)", "`touch it`")
        ),
    ],
)
def test_a_path_is_a_path_and_nothing_is_run(path: str, users: Path, tmp_path: Path) -> None:
    action = Action(tmp_path / "runner")
    job = action.run(users / "flat", path)
    assert (job.status, job.output("check", "status")) == ("failure", "2"), job.printed
    assert (job.output("check", "sarif"), action.uploads) == ("", [])
    assert not [*tmp_path.rglob("it")]


def test_names_may_have_spaces_and_no_line_of_the_check_is_a_command(
    users: Path, tmp_path: Path
) -> None:
    shutil.copy(users / "flat/plan.json", users / "flat/a plan.json")
    job = Action(tmp_path / "runner").run(users / "flat", "\na *.json\n")
    assert (job.status, job.output("check", "status")) == ("success", "0"), job.printed
    first, *_, last = job.printed.splitlines()
    assert first == f"::stop-commands::{last.strip(':')}"


@pytest.mark.parametrize(
    ("written", "status"), [pytest.param(failover_pair(), 0, marks=exhaustive), (design(), 1)]
)
def test_the_hook_of_pre_commit_checks_a_folder(written: Any, status: int, tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    records = {"aws_route53_record": written["resource"].pop("aws_route53_record")}
    for name, document in {"zone": written, "dns": {"resource": records}}.items():
        (tmp_path / f"{name}.tf.json").write_text(json.dumps(document))
    program, *arguments = [*hook["entry"].split(), *hook["args"]]
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=tmp_path, env=plain_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout
    assert "1 stack" in done.stdout


@pytest.mark.exhaustive
def test_the_action_installs_what_its_lock_pins(users: Path, tmp_path: Path) -> None:
    script = ROOT / ".github/actions/check/check.sh"
    assert script.stat().st_mode & stat.S_IXUSR
    variables = {
        **plain_environment(), "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(ROOT),
        "PYTHON": sys.executable, "GITHUB_OUTPUT": str(tmp_path / "out"), "CHECKED": "plan.json",
    }  # fmt: skip
    for step in ("install", "check"):
        done = subprocess.run(
            [script, step], cwd=users / "flat", env=variables, capture_output=True, text=True,
            check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert SOUND in done.stdout
