"""`iot-dr role plan` as an operator runs it, and the runbook that continues from it."""

import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from environments.loader import load
from modules.function_package import function_package
from stacks.platform_graph import platform_graph
from tests.scenarios.support.observed import observed
from tests.support.applied_world import applied_world
from tests.support.command import ROOT, iot_dr_here, plain_environment
from tests.support.json_output import result_of
from tests.support.processes import marked
from tests.support.project import Project
from tests.support.runbook import Walk
from tests.support.sandbox_run import apply_once, changes, sandbox_run

pytestmark = pytest.mark.usefixtures("lent")

WEST, CENTRAL = "eu-west-1", "eu-central-1"
ENTRY_POINT = "iot-dev-entry-point"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.copy(tmp_path / "project")


def leading(primary: str, secondary: str) -> dict[str, str]:
    name = load("dev", {}).regional_name
    return {"PRIMARY": name(primary), "SECONDARY": name(secondary)}


@pytest.mark.exhaustive
@pytest.mark.runbook("primary.md", "Preview", "Change it", "Rollback")
def test_the_runbook_changes_the_primary_and_changes_it_back(
    walk: Walk, project: Project, tmp_path: Path
) -> None:
    apply_once(project.sandbox, **project.settings.model_dump())
    assert project.leads() == leading(WEST, CENTRAL)

    result = walk.step(project.here, f"iot-dr role plan --to {CENTRAL}")
    assert f"  environments/dev.yaml: primary_region: {CENTRAL}\n" in result
    project.edit(
        "environments/dev.yaml", f"\nprimary_region: {WEST}", f"\nprimary_region: {CENTRAL}"
    )
    walk.step(project.here, "iot-dr plan")
    project.cdktf(walk.next("ENV=dev node_modules/.bin/cdktf deploy").text)
    assert project.leads() == leading(CENTRAL, WEST)
    with sandbox_run(project.sandbox, tmp_path, **project.settings.model_dump()) as run:
        again = run.plan()
    assert {name: changes(each) for name, each in again.items()} == dict.fromkeys(
        (node.name for node in platform_graph(project.settings).nodes), ()
    )

    walk.step(project.here, f"iot-dr role plan --to {WEST}")
    project.edit(
        "environments/dev.yaml", f"\nprimary_region: {CENTRAL}", f"\nprimary_region: {WEST}"
    )
    deployed = project.here(walk.next("iot-dr deploy").text)
    assert (
        "iot-dev-entry-point (eu-west-1, global): 8 to create, 2 to update, 8 to destroy"
        in deployed
    )
    assert project.leads() == leading(WEST, CENTRAL)


@pytest.mark.exhaustive
@pytest.mark.runbook("primary.md", "Verify")
def test_the_runbook_s_status_shows_the_new_primary(walk: Walk, tmp_path: Path) -> None:
    settings = load("dev", {"PRIMARY_REGION": CENTRAL})
    with applied_world(settings, tmp_path) as made, observed(*made, tmp_path) as then:
        walk.step(then.run, "iot-dr status")


def test_the_json_document_has_the_same_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, scratch = Project.copy(tmp_path / "project", "pipeline"), tmp_path / "scratch"
    scratch.mkdir()
    # A process packs its functions' code once, in a folder that outlives this test's.
    function_package("canary")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    done = project.try_here(f"iot-dr role plan --to {CENTRAL} --json")
    assert done.returncode == 0, done.stderr
    document = result_of(done.stdout)
    assert (document["from"], document["to"], document["verdict"]) == (WEST, CENTRAL, "ok")
    changed = {each["name"]: each["changes"] for each in document["stacks"] if each["changes"]}
    assert list(changed) == [f"iot-dev-pipeline-{WEST}", f"iot-dev-pipeline-{CENTRAL}", ENTRY_POINT]
    assert changed[f"iot-dev-pipeline-{WEST}"] == {"update": 1}
    assert [
        (each["side"], each["before"]["to"], each["after"]["to"]) for each in document["records"]
    ] == [
        ("PRIMARY", WEST, CENTRAL),
        ("SECONDARY", CENTRAL, WEST),
    ]
    assert document["watcher"] == {"before": CENTRAL, "now": CENTRAL, "after": WEST, "then": WEST}
    assert document["unchanged_health_checks"] == 8
    assert document["unchanged_alarms"] == 8
    assert list(scratch.iterdir()) == []


@pytest.mark.exhaustive
@pytest.mark.runbook("primary.md", "If it is refused")
def test_a_stack_that_follows_the_primary_is_refused_as_the_runbook_shows(
    walk: Walk, project: Project
) -> None:
    base = "stacks/base_stack.py"
    first = "from collections.abc import"
    project.edit(base, first, f"from dataclasses import replace\n{first}")
    project.edit(
        base,
        "self.context = stack_context(settings, node.region)",
        "self.context = replace(stack_context(settings, node.region),"
        ' extra_tags={"Role": node.role or "global"})',
    )

    def run(command: str) -> str:
        done = project.try_(command)
        assert done.returncode == 1
        return done.stdout + done.stderr

    assert "To change the primary" not in walk.step(run, f"iot-dr role plan --to {CENTRAL}")


@pytest.mark.parametrize(
    ("arguments", "env", "message"),
    [
        (
            ("--to", "us-east-1"),
            {},
            (
                "--to us-east-1: is not a region of environments/dev.yaml; the primary is"
                " eu-west-1, the others"
            ),
        ),
        (("--to", "eu-central-2"), {}, "did you mean 'eu-central-1'?"),
        (
            ("--to", WEST),
            {},
            "--to eu-west-1: is already the primary of environments/dev.yaml; the primary is",
        ),
        (
            ("--to", WEST),
            {"PRIMARY_REGION": CENTRAL},
            "is already the primary of environments/dev.yaml",
        ),
        (("--to", CENTRAL), {"PRIMARY_REGION": "eu-north-1"}, "PRIMARY_REGION: 'eu-north-1' is"),
        (("--to", CENTRAL, "--env", "nowhere"), {}, "nowhere"),
        (("--to", CENTRAL, "--env", "staging"), {}, "staging: no provider is selected"),
        (("--to", CENTRAL, "--provider", "azure"), {}, "unknown provider 'azure'"),
        (("--to", ""), {}, "--to : is not a region of environments/dev.yaml"),
        (
            ("--to", CENTRAL, "--provider", "aws"),
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
            "AWS_ENDPOINT_URL",
        ),
        ((), {}, "Missing option '--to'"),
    ],
)
def test_nonsensical_arguments_are_refused_with_a_sentence(
    arguments: tuple[str, ...], env: dict[str, str], message: str
) -> None:
    done = iot_dr_here("role", "plan", *arguments, cwd=ROOT, **env)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.exhaustive
def test_ctrl_c_ends_the_plan_and_all_that_it_started(tmp_path: Path) -> None:
    code = Project.copy(tmp_path / "project").folder
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "iot_dr", "role", "plan", "--to", CENTRAL],
        cwd=code,
        env={**plain_environment(), "PYTHONPATH": str(code), "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stderr
        assert select.select([process.stderr], [], [], 60)[0]
        process.send_signal(signal.SIGINT)
        printed, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert printed == b""
    assert b"Traceback" not in stderr
    end = time.monotonic() + 60
    while left := marked("TMPDIR", str(scratch)):
        assert time.monotonic() < end, left
        time.sleep(0.02)
    assert list(scratch.iterdir()) == []
