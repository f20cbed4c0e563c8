"""`iot-dr deploy` and `iot-dr destroy` as a user runs them, in a sandbox of the test's own."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from environments.loader import load
from iot_dr.state.fence import Fence, fence_location
from iot_dr.terraform.sandbox.folder import ObjectName, SandboxFolder
from iot_dr.terraform.sandbox.locks import locks_in
from iot_dr.terraform.sandbox.states import states_in
from stacks.platform_graph import platform_graph
from stacks.state_location import state_location
from tests.support.cdktf_log import lines_by_stack, whole
from tests.support.command import ROOT, iot_dr, iot_dr_here, plain_environment
from tests.support.project import Project
from tests.support.runbook import Walk

STANDING = ("iot-dev-state", "iot-dev-hosted-zone")
MAKES_USE_OF = ("Makefile", "pyproject.toml", "requirements.lock", "package-lock.json")
# Installed is installed, whatever else has changed since.
INSTALLED = "-o .venv/.app-installed -o node_modules/.cdktf-installed"


def spans(output: str, end: str) -> dict[str, tuple[int, int]]:
    """Give the lines of the log at which Terraform's work on each stack begins and ends."""
    _, _, work = output.rpartition("successfully initialized!")
    begins: dict[str, int] = {}
    ends: dict[str, int] = {}
    for number, (stack, line) in enumerate(lines_by_stack(work)):
        if stack:
            begins.setdefault(stack, number)
        if end in line:
            ends[stack] = number
    return {stack: (begins[stack], ends[stack]) for stack in ends}


def resources(folder: Path) -> dict[str, int | None]:
    return {Path(state.key).stem: state.resources for state in states_in(folder / ".sandbox/dev")}


def test_an_environment_is_deployed_in_order_and_destroyed(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    assert_deployed(made("make deploy", project.folder), project)
    assert_destroyed(made("make destroy", project.folder, "dev\n"), project)


@pytest.mark.exhaustive
@pytest.mark.runbook("deploy.md")
def test_an_environment_is_deployed_in_order_then_unchanged_then_destroyed(
    walk: Walk, tmp_path: Path
) -> None:
    project = Project.copy(tmp_path / "project")
    folder = project.folder
    first = walk.step(lambda command: made(command, folder), "make deploy", whole)
    assert_deployed(first, project)
    second = walk.step(lambda command: made(command, folder), "make deploy", whole)
    unchanged = second.count("Resources: 0 added, 0 changed, 0 destroyed.")
    assert unchanged == len(platform_graph(project.settings).nodes)
    last = walk.step(lambda command: made(command, folder, "dev\n"), "make destroy", whole)
    assert_destroyed(last, project)


def dependencies(project: Project) -> list[tuple[str, str]]:
    """Return each stack with each that is deployed before it."""
    nodes = platform_graph(project.settings).nodes
    return [(node.name, upstream) for node in nodes for upstream in node.earlier]


def assert_deployed(printed: str, project: Project) -> None:
    """Check what a first deployment printed and made."""
    assert "no wait for its delegation" in printed
    span = spans(printed, "Apply complete!")
    assert span.keys() == {node.name for node in platform_graph(project.settings).nodes}
    pairs = dependencies(project)
    assert [f"{a} began before {b} ended" for a, b in pairs if span[a][0] < span[b][1]] == []
    assert all(resources(project.folder).values())


def assert_destroyed(printed: str, project: Project) -> None:
    """Check what a destruction printed and left."""
    nodes = platform_graph(project.settings).nodes
    span = spans(printed, "Destroy complete!")
    assert span.keys() == {node.name for node in nodes} - set(STANDING)
    gone = [(a, b) for a, b in dependencies(project) if b in span]
    assert gone
    assert [f"{b} began before {a} ended" for a, b in gone if span[b][0] < span[a][1]] == []
    left = {stack for stack, count in resources(project.folder).items() if count}
    assert left == set(STANDING)


def made(command: str, folder: Path, typed: str = "") -> str:
    """Run a target of the Makefile where its sandbox is the test's own; give what it prints."""
    for name in MAKES_USE_OF:
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    terminal, side = pty.openpty()
    try:
        os.write(terminal, typed.encode())
        done = subprocess.run(
            ["/bin/sh", "-c", f"{command} {INSTALLED}"],
            cwd=folder,
            env={**plain_environment(), "PYTHONPATH": str(folder)},
            stdin=side if typed else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    finally:
        os.close(side)
        os.close(terminal)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.replace("destroyed: ", f"destroyed: {typed}", 1) if typed else done.stdout


def test_ctrl_c_ends_terraform_and_leaves_no_lock(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    sandbox = project.sandbox
    with subprocess.Popen(
        [sys.executable, "-m", "iot_dr", "deploy", "--env", "dev"],
        cwd=project.folder,
        env={**plain_environment(), "PYTHONPATH": str(project.folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if re.search(r"aws_route53_zone\S+ .*Creat", line):
                # To the whole group, as a terminal does.
                os.killpg(process.pid, signal.SIGINT)
                break
        output = process.stdout.read()
    assert process.returncode == 130
    assert "Stopping: Terraform ends what it has begun" in output
    assert "Traceback" not in output
    assert locks_in(sandbox) == []
    states = states_in(sandbox)
    nodes = platform_graph(project.settings).nodes
    standing = {node.name for node in nodes if node.what in {"state", "hosted-zone"}}
    assert {Path(state.key).stem for state in states} == {*standing, nodes[0].name}
    assert all(state.serial is not None for state in states)


def test_a_state_that_was_promoted_elsewhere_stops_a_deploy(tmp_path: Path) -> None:
    settings = load("dev", {})
    zone = next(node for node in platform_graph(settings).nodes if node.what == "hosted-zone")
    location = state_location(settings, zone)
    owner = settings.state_bucket("eu-central-1")
    fence = Fence(
        owner_region="eu-central-1",
        owner_bucket=owner,
        former_bucket=location.bucket,
        since="2026-01-01T00:00:00+00:00",
        keys=(location.key,),
    )
    files = SandboxFolder(tmp_path / ".sandbox/dev")
    files.prepare()
    with files.exclusive():
        files.keep_buckets({location.bucket: location.region, owner: "eu-central-1"})
        files.write(ObjectName(owner, fence_location(location).key), fence.content())

    done = iot_dr("deploy", "--env", "dev", cwd=tmp_path)
    assert done.returncode == 1
    assert "iot-dev-hosted-zone: its state" in done.stderr
    assert "promoted to eu-central-1" in done.stderr
    assert states_in(tmp_path / ".sandbox/dev") == []


@pytest.mark.parametrize(
    ("arguments", "provider", "told"),
    [
        (("destroy", "--env", "dev"), "", "nobody is here to be asked: give --confirm dev"),
        (("destroy", "--env", "dev", "--confirm", "prod"), "", "not the name dev"),
        (("deploy", "--env", "dev"), "aws", "nobody is here to be asked: give --yes"),
        (("deploy", "--env", "staging"), "", "staging: name the provider"),
        (("deploy", "--env", "nowhere"), "", "nowhere"),
    ],
)
def test_what_was_not_agreed_to_is_not_begun(
    tmp_path: Path, arguments: tuple[str, ...], provider: str, told: str
) -> None:
    done = iot_dr_here(*arguments, cwd=tmp_path, PROVIDER=provider)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_another_name_than_the_environments_destroys_nothing(tmp_path: Path) -> None:
    terminal, side = pty.openpty()
    try:
        os.write(terminal, b"prod\n")
        done = subprocess.run(
            [sys.executable, "-m", "iot_dr", "destroy", "--env", "dev"],
            cwd=tmp_path,
            env=plain_environment(),
            stdin=side,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        os.close(side)
        os.close(terminal)
    assert done.returncode == 2
    assert "Type dev for it to be destroyed" in done.stdout
    assert "'prod' is not dev: nothing is destroyed" in done.stderr
    assert list(tmp_path.iterdir()) == []
