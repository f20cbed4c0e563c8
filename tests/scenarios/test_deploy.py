"""`iot-dr deploy` and `iot-dr destroy` as a user runs them, in the test's own sandbox."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from environments.loader import load
from iot_dr.common.terraform_binary import BINARY_VARIABLE, program_name
from iot_dr.observe.state.fence import Fence, fence_location
from iot_dr.terraform.sandbox.folder import ObjectName, SandboxFolder
from iot_dr.terraform.sandbox.locks import locks_in
from iot_dr.terraform.sandbox.states import states_in
from stacks.platform_graph import platform_graph
from stacks.state_location import state_location
from tests.support.command import ROOT, iot_dr_here, plain_environment
from tests.support.processes import marked
from tests.support.project import Project
from tests.support.runbook import Walk
from tests.support.state_files import state_file, state_resource

STANDING = ("iot-dev-state", "iot-dev-hosted-zone")
MAKES_USE_OF = ("Makefile", "pyproject.toml", "requirements.lock", "package-lock.json")
# An installed package counts as installed, even if its inputs are newer.
INSTALLED = "-o .venv/.app-installed -o node_modules/.cdktf-installed"


def spans(log: str, command: str) -> dict[str, tuple[int, int]]:
    """Return the lines of the log at which a command of Terraform begins and ends on each stack."""
    begins: dict[str, int] = {}
    ends: dict[str, int] = {}
    stack = ""
    for number, line in enumerate(log.splitlines()):
        # cdktf prints a stack's name only before the first line of a batch.
        named = re.match(r"(iot-\S+)  ", line)
        stack = named[1] if named else stack
        if line.endswith(f"{program_name()} {command} begins"):
            begins[stack] = number
        if line.endswith(f"{program_name()} {command} ended with status 0"):
            ends[stack] = number
    return {stack: (begins[stack], ends[stack]) for stack in ends}


def log(project: Project, command: str) -> str:
    """Read the full log, which only its owner may read."""
    file = project.folder / ".deploy" / "dev" / f"{command}.log"
    assert file.stat().st_mode & 0o777 == 0o600
    return file.read_text(encoding="utf-8")


def table(printed: str) -> list[str]:
    """Return the lines from the first stack to the totals, without the duration."""
    lines = printed.splitlines()
    first = next(number for number, line in enumerate(lines) if re.match(r"iot-\S+ \(", line))
    last = next(number for number, line in enumerate(lines) if re.match(r"\d+ stacks: ", line))
    return [*lines[first:last], lines[last].rpartition(", in ")[0]]


def resources(folder: Path) -> dict[str, int | None]:
    return {Path(state.key).stem: state.resources for state in states_in(folder / ".sandbox/dev")}


def health_paths(project: Project) -> list[str]:
    """Read the secret paths of the health checks from the regional states."""
    states = [json.loads(file.read_bytes()) for file in project.sandbox.rglob("*-iot-*.tfstate")]
    paths = [
        resource["instances"][0]["attributes"]["triggers_replace"]["value"]
        for state in states
        for resource in state["resources"]
        if resource["name"] == "health_path"
    ]
    assert len(paths) == len(project.settings.regions)
    return paths


@pytest.mark.parametrize(
    "name", ["", pytest.param("tofu", marks=pytest.mark.exhaustive)], ids=["Terraform", "OpenTofu"]
)
def test_an_environment_is_deployed_in_order_and_destroyed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name and not shutil.which(name):
        pytest.skip("OpenTofu was not tried: no `tofu` on the path")
    monkeypatch.setenv(BINARY_VARIABLE, name)
    project = Project.copy(tmp_path / "project")
    deployed = made("make deploy", project.folder)
    assert_deployed(deployed, project)
    assert_destroyed(made("make destroy", project.folder, "dev\n"), project)


@pytest.mark.exhaustive
@pytest.mark.runbook("deploy.md")
def test_an_environment_is_deployed_in_order_then_unchanged_then_destroyed(
    walk: Walk, tmp_path: Path
) -> None:
    project = Project.copy(tmp_path / "project")
    folder = project.folder
    planned = project.here("iot-dr plan")
    first = walk.step(lambda command: made(command, folder), "make deploy")
    assert_deployed(first, project)
    assert table(first) == table(planned)
    second = walk.step(lambda command: made(command, folder), "make deploy")
    assert "5 stacks: nothing to do" in second
    assert "43 to add" in (folder / ".deploy/dev/deploy.log.1").read_text(encoding="utf-8")
    last = walk.step(lambda command: made(command, folder, "dev\n"), "make destroy")
    assert_destroyed(last, project)


def dependencies(project: Project) -> list[tuple[str, str]]:
    """Return each stack with each that is deployed before it."""
    nodes = platform_graph(project.settings).nodes
    return [(node.name, upstream) for node in nodes for upstream in node.earlier]


def assert_deployed(printed: str, project: Project) -> None:
    """Check the output and the result of a first deployment."""
    assert "no wait for its delegation" in printed
    assert printed.endswith("\nThe full log: .deploy/dev/deploy.log\n")
    logged = log(project, "deploy")
    assert "Plan: 43 to add, 0 to change, 0 to destroy." in logged
    assert '+ resource "aws_route53_zone" "zone" {' in logged
    assert [each for each in health_paths(project) if each in printed + logged] == []
    span = spans(logged, "apply")
    assert span.keys() == {node.name for node in platform_graph(project.settings).nodes}
    pairs = dependencies(project)
    assert [f"{a} began before {b} ended" for a, b in pairs if span[a][0] < span[b][1]] == []
    assert all(resources(project.folder).values())


def assert_destroyed(printed: str, project: Project) -> None:
    """Check the output and the result of a destruction."""
    nodes = platform_graph(project.settings).nodes
    assert "  - aws_iot_policy.device\n" in printed
    span = spans(log(project, "destroy"), "destroy")
    assert span.keys() == {node.name for node in nodes} - set(STANDING)
    known = json.loads((project.folder / ".deploy/dev/out/manifest.json").read_bytes())["stacks"]
    assert known.keys() == span.keys()
    gone = [(a, b) for a, b in dependencies(project) if b in span]
    assert gone
    assert [f"{b} began before {a} ended" for a, b in gone if span[b][0] < span[a][1]] == []
    left = {stack for stack, count in resources(project.folder).items() if count}
    assert left == set(STANDING)


def made(command: str, folder: Path, typed: str = "") -> str:
    """Run a target of the Makefile with the test's own sandbox; return its output."""
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


@contextmanager
def at_the_zone(
    project: Project, before: Callable[[], None] = lambda: None, **env: str
) -> Generator[subprocess.Popen[str]]:
    """Deploy in a process of its own, until Terraform creates the zone; call `before` first."""
    with subprocess.Popen(
        [sys.executable, "-m", "iot_dr", "deploy", "--env", "dev"],
        cwd=project.folder,
        env={**plain_environment(), "PYTHONPATH": str(project.folder), **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        zone = project.folder / ".deploy/dev/runs/iot-dev-hosted-zone.apply"
        while process.poll() is None and not zone.exists():
            time.sleep(0.02)
        before()
        while process.poll() is None and "zone.zone: Creat" not in zone.read_text("utf-8"):
            time.sleep(0.01)
        try:
            yield process
        finally:
            # A process that continues would be waited for without end.
            process.kill()


def test_ctrl_c_ends_terraform_and_leaves_no_lock(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    sandbox = project.sandbox
    with at_the_zone(project) as process:
        # To the whole group, as a terminal does.
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate()
    assert process.returncode == 130
    assert "Stopping: Terraform finishes its operations" in output
    assert "Traceback" not in output
    assert output.endswith("\nThe full log: .deploy/dev/deploy.log\n")
    assert "aws_route53_zone.zone: Creating..." in log(project, "deploy")
    assert locks_in(sandbox) == []
    states = states_in(sandbox)
    nodes = platform_graph(project.settings).nodes
    standing = {node.name for node in nodes if node.what in {"state", "hosted-zone"}}
    assert {Path(state.key).stem for state in states} == {*standing, nodes[0].name}
    assert all(state.serial is not None for state in states)


@pytest.mark.exhaustive
def test_a_second_ctrl_c_kills_a_hanging_terraform_and_prints_how_its_lock_is_released(
    tmp_path: Path,
) -> None:
    project = Project.copy(tmp_path / "project")
    providers: list[int] = []

    def find_provider() -> None:
        result = marked("TMPDIR", str(tmp_path)).items()
        providers.extend(pid for pid, command in result if "standin.daemon" in command)

    with at_the_zone(project, find_provider, TMPDIR=str(tmp_path)) as process:
        os.kill(providers[0], signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        while "Stopping: Terraform finishes" not in process.stdout.readline():
            pass
        # Within a second it would count as the same signal.
        time.sleep(1.1)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert marked("TMPDIR", str(tmp_path)) == {}
    (lock,) = locks_in(project.sandbox)
    assert Path(lock.key).stem == "iot-dev-hosted-zone"
    assert "iot-dev-hosted-zone: Terraform was killed" in output
    (command,) = re.findall(r"any more: iot-dr (state unlock .*)", output)
    assert "The lock is released." in project.here(f"iot-dr {command}")
    assert locks_in(project.sandbox) == []
    assert "Traceback" not in output


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

    done = iot_dr_here("deploy", "--env", "dev", cwd=tmp_path)
    assert done.returncode == 1
    assert "iot-dev-hosted-zone: its state" in done.stderr
    assert "promoted to eu-central-1" in done.stderr
    assert states_in(tmp_path / ".sandbox/dev") == []


def test_a_state_of_another_region_stops_a_deploy_before_anything_is_planned(
    tmp_path: Path,
) -> None:
    settings = load("dev", {})
    graph = platform_graph(settings)
    node = next(node for node in graph.nodes if node.name.endswith("iot-eu-central-1"))
    location = state_location(settings, node)
    instances = [{"attributes": {"region": "eu-west-1"}}]
    policy = {**state_resource("aws_iot_policy.device"), "instances": instances}
    files = SandboxFolder(tmp_path / ".sandbox/dev")
    files.prepare()
    with files.exclusive():
        files.keep_buckets({location.bucket: location.region})
        files.write(ObjectName(location.bucket, location.key), state_file(policy))

    done = iot_dr_here("deploy", "--env", "dev", cwd=tmp_path)
    assert done.returncode == 1
    assert f"s3://{location.bucket}/{location.key}" in done.stderr
    assert "its resources are in eu-west-1" in done.stderr
    assert len(states_in(tmp_path / ".sandbox/dev")) == 1


@pytest.mark.exhaustive
def test_an_error_is_shown_in_full_with_the_stacks_it_blocks_and_the_log(tmp_path: Path) -> None:
    project = Project.copy(tmp_path / "project")
    settings = project.settings
    zone = next(node for node in platform_graph(settings).nodes if node.what == "hosted-zone")
    location = state_location(settings, zone)
    lock = project.sandbox / "s3" / location.bucket / f"{location.key}.tflock"
    lock.parent.mkdir(parents=True)
    document = {"ID": "1", "Operation": "OperationTypeApply", "Who": "someone@host"}
    lock.write_text(json.dumps({**document, "Created": "2026-11-25T12:00:00Z"}), encoding="utf-8")
    # The output of a killed deploy does not count.
    earlier = project.folder / ".deploy/dev/runs/iot-dev-entry-point.apply.1"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("Error: of an earlier deploy\n", encoding="utf-8")

    done = project.try_here("iot-dr deploy")
    assert done.returncode == 1
    assert f"{zone.name} (eu-west-1, global): failed\n" in done.stdout
    assert f"iot-dev-entry-point (eu-west-1, global): waits for {zone.name}\n" in done.stdout
    assert "\ndev: not deployed\nThe full log: .deploy/dev/deploy.log\n" in done.stdout
    assert f"{zone.name}: terraform apply failed\n" in done.stderr
    assert "Error: Error acquiring the state lock\n" in done.stderr
    assert "  Who:       someone@host\n" in done.stderr
    assert f"iot-dr state unlock {zone.name} --env dev --provider standin" in done.stderr
    assert "Error: Error acquiring the state lock" in log(project, "deploy")


@pytest.mark.parametrize(
    ("arguments", "provider", "message"),
    [
        (("destroy", "--env", "dev"), "", "pass --confirm dev (with make: CONFIRM=dev)"),
        (("destroy", "--env", "dev", "--confirm", "prod"), "", "must be dev"),
        (("deploy", "--env", "dev"), "aws", "confirmation needs a terminal; pass --confirm dev"),
        (("deploy", "--env", "dev", "--confirm", "prod"), "", "must be dev"),
        (("deploy", "--env", "dev", "--confirm", ""), "aws", "--confirm : must be dev"),
        (("deploy", "--env", "staging"), "", "staging: no provider is selected"),
        (("deploy", "--env", "nowhere"), "", "nowhere"),
    ],
)
def test_nothing_begins_without_agreement(
    tmp_path: Path, arguments: tuple[str, ...], provider: str, message: str
) -> None:
    done = iot_dr_here(*arguments, cwd=tmp_path, PROVIDER=provider)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_another_name_than_the_environments_destroys_nothing(tmp_path: Path) -> None:
    terminal, side = pty.openpty()
    try:
        os.write(terminal, b"prod\n")
        done = subprocess.run(
            [sys.executable, "-m", "iot_dr", "destroy", "--env", "dev"],
            cwd=tmp_path,
            env=plain_environment(tmp_path),
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
    assert "Type dev to confirm that it will be destroyed" in done.stdout
    assert "expected dev, not 'prod'; nothing is destroyed" in done.stderr
    assert list(tmp_path.iterdir()) == []
