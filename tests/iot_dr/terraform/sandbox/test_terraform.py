"""Real Terraform keeps its states and locks in the sandbox, through its unedited S3 backend."""

import json
import os
import select
import signal
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.sandbox.locks import locks_in, release
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.sandbox.states import states_in
from iot_dr.terraform.terraform import PlanStatus, Terraform
from tests.iot_dr.terraform.sandbox.client import ACCOUNT, BUCKETS, CENTRAL, TIMEOUT, WEST

ROLE = {"role_arn": f"arn:aws:iam::{ACCOUNT}:role/deploy"}


def located(region: str, stack: str, **more: object) -> dict[str, object]:
    return {"bucket": BUCKETS[region], "key": f"dev/{stack}.tfstate", "region": region, **more}


def upstream(**backend: object) -> dict[str, Any]:
    """A stack in the first region that hands over what it was given."""
    s3 = located("eu-west-1", "upstream", encrypt=True, use_lockfile=True, **backend)
    return {
        "terraform": {"backend": {"s3": s3}},
        "resource": {"terraform_data": {"zone": {"input": "Z1"}}},
        "output": {"zone_id": {"value": "${terraform_data.zone.output}"}},
    }


def downstream() -> dict[str, Any]:
    """A stack in the second region that reads it."""
    read = {"backend": "s3", "config": located("eu-west-1", "upstream", assume_role=ROLE)}
    s3 = located("eu-central-1", "downstream", encrypt=True, use_lockfile=True)
    return {
        "terraform": {"backend": {"s3": s3}},
        "data": {"terraform_remote_state": {"upstream": read}},
        "output": {"got": {"value": "${data.terraform_remote_state.upstream.outputs.zone_id}"}},
    }


class Stack:
    """A stack's folder, with Terraform in it."""

    def __init__(self, folder: Path, document: dict[str, Any], sandbox: Sandbox) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")
        commands = Engine.chosen({}).commands(sandbox.environment)
        weakref.finalize(self, commands.close)
        self.terraform = Terraform(folder, commands)
        self._plan = folder / "plan"

    def plan(self) -> PlanStatus:
        self.terraform.init(backend=True)
        return self.terraform.plan(self._plan)

    def apply(self) -> dict[str, Any]:
        self.plan()
        self.terraform.apply(self._plan)
        outputs = self.terraform.show()["values"]["outputs"]
        return {name: output["value"] for name, output in outputs.items()}


def test_a_stack_reads_what_another_region_s_stack_handed_over(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    Stack(tmp_path / "one", upstream(), sandbox).apply()
    assert Stack(tmp_path / "two", downstream(), sandbox).apply() == {"got": "Z1"}
    kept = [(state.bucket, state.key, state.resources) for state in states_in(sandbox.folder)]
    assert kept == [(CENTRAL, "dev/downstream.tfstate", 1), (WEST, "dev/upstream.tfstate", 1)]
    assert locks_in(sandbox.folder) == []


def test_after_the_server_was_killed_a_plan_is_empty(own_sandbox: Sandbox, tmp_path: Path) -> None:
    Stack(tmp_path / "one", upstream(), own_sandbox).apply()
    (before,) = states_in(own_sandbox.folder)
    os.kill(own_sandbox.pid, signal.SIGKILL)
    with Sandbox(own_sandbox.folder, ACCOUNT) as again:
        assert Stack(tmp_path / "again", upstream(), again).plan() is PlanStatus.UNCHANGED
    assert states_in(own_sandbox.folder) == [before]


def test_a_backend_may_assume_a_role_of_the_environment_s_account(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    backend = {"assume_role": ROLE, "allowed_account_ids": [ACCOUNT]}
    assert Stack(tmp_path / "one", upstream(**backend), sandbox).apply() == {"zone_id": "Z1"}


@pytest.mark.parametrize("role", [{}, {"assume_role": ROLE}])
def test_a_backend_for_another_account_is_refused_by_terraform(
    sandbox: Sandbox, tmp_path: Path, role: dict[str, object]
) -> None:
    stack = Stack(tmp_path / "one", upstream(allowed_account_ids=["333333333333"], **role), sandbox)
    with pytest.raises(TerraformError, match=f"AWS account ID not allowed: {ACCOUNT}"):
        stack.plan()


def test_what_the_shell_holds_for_aws_leads_nowhere_else(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_PROFILE": "mine",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
        "AWS_S3_ENDPOINT": "http://127.0.0.1:9",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ROLE_ARN": "arn:aws:iam::333333333333:role/other",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere",
        "AWS_SSE_CUSTOMER_KEY": "key",
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_RETRY_MODE": "none",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    stack = Stack(tmp_path / "one", upstream(assume_role=ROLE), sandbox)
    assert stack.apply() == {"zone_id": "Z1"}


def test_a_lock_of_a_killed_run_blocks_until_it_is_released(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    started, hold = tmp_path / "started", tmp_path / "hold"
    os.mkfifo(started)
    os.mkfifo(hold)
    script = f"echo $PPID > '{started}'; cat '{hold}'"
    upstream_outputs = upstream()
    upstream_outputs["resource"]["terraform_data"]["zone"]["provisioner"] = [
        {"local-exec": {"command": script}}
    ]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(Stack(tmp_path / "one", upstream_outputs, sandbox).apply)
        terraform = int(line_from(started))
        (lock,) = locks_in(sandbox.folder)
        blocked = Stack(tmp_path / "two", upstream(), sandbox)
        with pytest.raises(TerraformError, match="Error acquiring the state lock") as caught:
            blocked.apply()
        os.kill(terraform, signal.SIGKILL)
        # Open both ways: what reads it may have been ended with its worker by now.
        handle = os.open(hold, os.O_RDWR | os.O_NONBLOCK)
        os.write(handle, b"go on")
        os.close(handle)
        with pytest.raises(TerraformError):
            running.result()
    assert (lock.bucket, lock.key) == (WEST, "dev/upstream.tfstate")
    assert lock.holder
    assert lock.holder.operation == "apply"
    assert lock.holder.lock_id in str(caught.value)
    assert lock.holder.who in str(caught.value)
    assert locks_in(sandbox.folder) == [lock]
    release(sandbox.folder, lock)
    assert blocked.apply() == {"zone_id": "Z1"}


def line_from(fifo: Path) -> str:
    """Read what is written to a fifo; fails when nobody writes."""
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert select.select([reader], [], [], TIMEOUT)[0], "nobody wrote"
        return os.read(reader, 100).decode()
    finally:
        os.close(reader)
