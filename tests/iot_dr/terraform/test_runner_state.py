"""States that are damaged, foreign, locked or on a full disk: reported, and left readable."""

import json
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit

import pytest

from iot_dr.delivery.stack_plan import Phase
from iot_dr.terraform.sandbox.locks import locks_in, release
from iot_dr.terraform.sandbox.states import states_in
from iot_dr.terraform.schedule import Failed
from stacks.graph import StackNode
from tests.iot_dr.terraform.platform import Platform
from tests.support.processes import children

pytestmark = pytest.mark.usefixtures("lent")

STACK = "iot-dev-zone"
LOCK = {
    "ID": "6f2c1f0e-0000-4000-8000-0123456789ab",
    "Operation": "OperationTypeApply",
    "Info": "",
    "Who": "ops@laptop",
    "Version": "1.15.0",
    "Created": "2026-11-25T08:30:01.123456789Z",
    "Path": "dev/zone.tfstate",
}


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """A stack that has been applied once, and has something more to do."""
    made = Platform(tmp_path)
    made.add(STACK, resource={"terraform_data": {"zone": {"input": "first"}}})
    assert made.walk().messages == ""
    made.add(STACK, resource={"terraform_data": {"zone": {"input": "second"}}})
    return made


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"version": 99}'])
def test_a_corrupted_state_is_reported_with_the_stack_and_left_as_it_is(
    platform: Platform, content: bytes
) -> None:
    platform.state(STACK).write_bytes(content)
    ran = platform.walk()
    assert isinstance(ran.outcomes[STACK], Failed)
    assert ran.messages.startswith(f"{STACK}: s3://")
    assert "is not a Terraform state: " in ran.messages
    assert platform.state(STACK).read_bytes() == content
    assert locks_in(platform.sandbox) == []


def test_a_plan_is_not_applied_to_the_state_of_another_environment(platform: Platform) -> None:
    other = json.loads(platform.state(STACK).read_text())
    other["lineage"] = "00000000-1111-2222-3333-444444444444"
    foreign = json.dumps(other)

    def swap(_node: StackNode, phase: Phase) -> None:
        if phase == "apply":
            platform.state(STACK).write_text(foreign)

    ran = platform.walk(on_phase=swap)
    assert isinstance(ran.outcomes[STACK], Failed)
    assert f"{STACK}: terraform apply failed" in ran.messages
    assert "Saved plan" in ran.messages
    assert platform.state(STACK).read_text() == foreign
    assert locks_in(platform.sandbox) == []


def test_a_lock_names_its_owner_and_time_and_work_continues_once_released(
    platform: Platform,
) -> None:
    before = platform.state(STACK).read_bytes()
    lock_file = platform.state(STACK).with_name(f"{STACK}.tfstate.tflock")
    lock_file.write_text(json.dumps(LOCK))
    ran = platform.walk()
    assert isinstance(ran.outcomes[STACK], Failed)
    assert ran.messages.startswith(f"{STACK}: its state is locked by ")
    for part in (LOCK["ID"], LOCK["Who"], "2026-11-25 08:30:01"):
        assert part in ran.messages
    assert "-lock=false" not in ran.messages
    assert platform.state(STACK).read_bytes() == before
    (lock,) = locks_in(platform.sandbox)
    release(platform.sandbox, lock)
    assert platform.walk().messages == ""


def test_on_a_full_disk_the_stack_fails_and_its_earlier_state_stands(platform: Platform) -> None:
    big = {f"x{number}": {"input": "x" * 1000} for number in range(20)}
    platform.add(STACK, resource={"terraform_data": big})
    before = platform.state(STACK).read_bytes()

    def limit(size: int) -> None:
        for pid, command in children().items():
            if "iot_dr.terraform.sandbox" in command:
                prlimit(pid, RLIMIT_FSIZE, (size, RLIM_INFINITY))

    def fill(_node: StackNode, phase: Phase) -> None:
        if phase == "apply":
            limit(10_000)

    try:
        ran = platform.walk(on_phase=fill)
    finally:
        # Other tests have the same server.
        limit(RLIM_INFINITY)
    assert isinstance(ran.outcomes[STACK], Failed)
    assert f"{STACK}: terraform apply failed" in ran.messages
    assert "File too large" in ran.messages
    assert platform.state(STACK).read_bytes() == before
    (state,) = states_in(platform.sandbox)
    assert state.serial == json.loads(before)["serial"]
