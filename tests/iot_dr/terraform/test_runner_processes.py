"""A Terraform that hangs or dies: reported with its last resource, and no process remains."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from iot_dr.terraform import commands, worker
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.process_output import OUTPUT_LIMIT
from iot_dr.terraform.sandbox.locks import locks_in, release
from iot_dr.terraform.sandbox.states import states_in
from iot_dr.terraform.schedule import Done, Failed
from iot_dr.terraform.terraform import Terraform
from tests.iot_dr.terraform.platform import Platform
from tests.support.executable import executable
from tests.support.processes import children, marked

STACK = "iot-dev-slow"
HANGING = """#!/bin/sh
test "$1" = version && echo '{"terraform_version": "1.12.0"}' && exit
"""
# Bounded, so that a runner without a limit fails a test and takes no more memory than that.
FLOOD = "yes | head -c 50000000"
# A runner without a sandbox: its state is a file in the folder.
APPLY = """
import sys
from pathlib import Path
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.terraform import Terraform
folder = Path(sys.argv[1])
terraform = Terraform(folder, Engine.chosen({}).commands({}))
terraform.init(backend=True)
terraform.plan(folder / "x.tfplan")
terraform.apply(folder / "x.tfplan")
"""


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """Nothing yet, in a folder of the test's own."""
    return Platform(tmp_path)


def provisioned(command: str) -> dict[str, object]:
    """A resource whose making runs a command."""
    return {"terraform_data": {"slow": {"provisioner": [{"local-exec": {"command": command}}]}}}


def test_a_binary_that_hangs_is_ended_at_its_time_limit_with_all_it_started(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = executable(platform.folder / "terraform", f"{HANGING}sleep 1000\n")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(program))
    platform.add(STACK, resource=provisioned("true"))
    ran = platform.walk(timeout=1)
    assert isinstance(ran.outcomes[STACK], Failed)
    assert f"{STACK}: terraform init failed" in ran.messages
    assert "did not end within 1 s, and was ended" in ran.messages
    assert marked("TERRAFORM_BINARY_NAME", str(program)).keys() <= children().keys()
    assert not [command for command in children().values() if str(program) in command]


def test_a_binary_that_takes_no_interrupt_is_killed_with_all_it_started(tmp_path: Path) -> None:
    script = "#!/bin/sh\ntrap '' INT\nsleep 1000; sleep 1000\n"
    program = executable(tmp_path / "terraform", script)
    ran = commands.ProcessCommands(
        [str(program)], {"PATH": os.defpath}, limit=OUTPUT_LIMIT, grace=0.5
    )
    with pytest.raises(TerraformError, match="did not end within 1 s, and was ended"):
        Terraform(tmp_path, ran, timeout=1).init(backend=False)
    assert not [command for command in children().values() if str(program) in command]


@pytest.mark.parametrize(
    "flood",
    [
        FLOOD,
        f"({FLOOD}) >&2",
        "head -c 1200000 /dev/zero; (head -c 1200000 /dev/zero) >&2; sleep 60; touch late",
    ],
    ids=["output", "errors", "half of each, and goes on"],
)
def test_a_binary_that_prints_without_end_is_ended_at_its_limit_with_all_it_started(
    tmp_path: Path, flood: str
) -> None:
    program = executable(tmp_path / "terraform", f"#!/bin/sh\ncd {tmp_path}\n{flood}\n")
    ran = commands.ProcessCommands([str(program)], {"PATH": os.defpath}, limit=2**21, grace=30)
    with pytest.raises(TerraformError) as caught:
        Terraform(tmp_path, ran, timeout=60).init(backend=False)
    messages = f"{program} printed more than 2 MiB, and was ended; correct TERRAFORM_BINARY_NAME"
    assert messages in str(caught.value)
    assert not [command for command in children().values() if str(program) in command]
    assert not (tmp_path / "late").exists()


class LateCommands(commands.ProcessCommands):
    """In the place of commands that do not end in time, having printed something."""

    def run(
        self, arguments: Sequence[str], folder: Path, timeout: float | None
    ) -> subprocess.CompletedProcess[str]:
        del arguments, folder, timeout
        raise commands.CommandTimeoutError("Initializing...")


def test_what_was_printed_until_the_time_limit_is_logged(tmp_path: Path) -> None:
    noted: list[tuple[str, ...]] = []
    late = LateCommands([], {}, limit=OUTPUT_LIMIT, grace=1)
    terraform = Terraform(tmp_path / STACK, late, 1, lambda *each: noted.append(each))
    with pytest.raises(TerraformError, match="did not end within 1 s, and was ended"):
        terraform.init(backend=True)
    assert noted == [(STACK, "init", "Initializing...")]


def test_an_apply_that_hangs_is_reported_with_its_resource_and_leaves_no_lock(
    platform: Platform,
) -> None:
    platform.add(STACK, resource=provisioned("sleep 1000"))
    ran = platform.walk(timeout=4)
    assert f"{STACK}: terraform apply failed" in ran.messages
    assert "did not end within 4 s, and was ended, at work on terraform_data.slow" in ran.messages
    assert locks_in(platform.sandbox) == []
    (state,) = states_in(platform.sandbox)
    assert state.resources == 1
    platform.add(STACK, resource=provisioned("true"))
    assert platform.walk().messages == ""


def test_a_killed_worker_fails_its_stack_alone_and_its_lock_can_be_released(
    platform: Platform,
) -> None:
    platform.add("iot-dev-sound", resource={"terraform_data": {"x": {"input": "sound"}}})
    platform.add(STACK, resource=provisioned("kill -9 $PPID"))
    ran = platform.walk()
    assert isinstance(ran.outcomes["iot-dev-sound"], Done)
    assert f"{STACK}: terraform apply failed (-9)" in ran.messages
    assert "killed by SIGKILL, at work on terraform_data.slow;" in ran.messages
    assert "lock on the state may be left" in ran.messages
    assert '"@level"' not in ran.messages
    assert all(state.serial is not None for state in states_in(platform.sandbox))
    for lock in locks_in(platform.sandbox):
        release(platform.sandbox, lock)
    platform.add(STACK, resource=provisioned("true"))
    assert platform.walk().messages == ""


def test_when_the_runner_is_killed_terraform_stops_in_order(tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    document = {"resource": provisioned(f"echo >{started}; sleep 1000")}
    (tmp_path / "cdk.tf.json").write_text(json.dumps(document))
    command = [sys.executable, "-c", APPLY, str(tmp_path)]
    with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(tmp_path)}) as run:
        started.read_bytes()
        run.kill()
    lock, end = tmp_path / ".terraform.tfstate.lock.info", time.monotonic() + 30
    while lock.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    state = json.loads((tmp_path / "terraform.tfstate").read_text())
    assert state["resources"][0]["instances"][0]["status"] == "tainted"


def test_a_terraform_that_hangs_ends_when_its_runner_is_gone(tmp_path: Path) -> None:
    library = Engine.chosen({}).library
    with socket.create_server(("127.0.0.1", 0)) as silent:
        backend = {"address": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        document = {"terraform": {"backend": {"http": backend}}}
        (tmp_path / "cdk.tf.json").write_text(json.dumps(document))
        request = [str(tmp_path / "output"), str(tmp_path / "errors"), f"-chdir={tmp_path}", "init"]
        with subprocess.Popen(
            [sys.executable, "-I", "-S", worker.__file__, str(library), "0.1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            assert process.stdin is not None
            process.stdin.write(f"{json.dumps(request)}\n".encode())
            process.stdin.flush()
            connection, _ = silent.accept()
            try:
                with connection:
                    process.communicate(timeout=30)
            finally:
                # One that goes on would be waited for without end.
                process.kill()
    assert process.returncode == -signal.SIGKILL
