"""The states of a sandbox, from the folder alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.sandbox.states import states_in
from tests.iot_dr.terraform.sandbox.client import WEST, request
from tests.support.state_files import state_file, state_resource

STATE = state_file(state_resource("a.b"), state_resource("a.c"), serial=7, lineage="ab-cd")


def test_without_a_sandbox_there_are_no_states(tmp_path: Path) -> None:
    assert states_in(tmp_path / "nowhere") == []


def test_a_state_is_listed_with_its_key_serial_and_time(sandbox: Sandbox) -> None:
    request(sandbox, "PUT", f"/{WEST}/dev/zone.tfstate", STATE)
    request(sandbox, "PUT", f"/{WEST}/dev/zone.tfstate.tflock", b"{}")
    (state,) = states_in(sandbox.folder)
    assert (state.bucket, state.key) == (WEST, "dev/zone.tfstate")
    assert (state.lineage, state.serial, state.resources) == ("ab-cd", 7, 2)
    assert state.path.read_bytes() == STATE
    assert abs(datetime.now(UTC) - state.written) < timedelta(minutes=1)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff", STATE.replace(b"7", b"[]")])
def test_a_damaged_state_is_listed_without_its_missing_values(
    sandbox: Sandbox, content: bytes
) -> None:
    path = sandbox.folder / "s3" / WEST / "dev" / "zone.tfstate"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    (state,) = states_in(sandbox.folder)
    assert (state.path, state.lineage, state.serial, state.resources) == (path, None, None, None)
