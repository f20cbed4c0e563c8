"""The folder of a sandbox: its keys, states and locks."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.terraform.sandbox.exclusive_run import exclusive_run
from iot_dr.terraform.sandbox.folder import key_of, path_of
from iot_dr.terraform.sandbox.locks import (
    LockChangedError,
    LockHolder,
    StateLock,
    locks_in,
    release,
)
from iot_dr.terraform.sandbox.sandbox import Sandbox, SandboxError
from iot_dr.terraform.sandbox.states import states_in
from tests.iot_dr.terraform.sandbox.client import CENTRAL, WEST, request
from tests.support.state_files import state_file, state_resource

# Lone surrogates too, and more often than not what paths take for special.
KEYS = st.lists(
    st.sampled_from(["", ".", "..", "/", "%", "%2E", "a", "~", "\0", "\\"])
    | st.text(st.characters(), max_size=5),
    max_size=8,
).map("".join)


@given(KEYS)
def test_the_path_leads_back_to_the_key(key: str) -> None:
    assert key_of(path_of(key)) == key


@given(KEYS)
def test_the_path_stays_below_its_folder_and_is_printable(key: str) -> None:
    path = path_of(key)
    assert not path.is_absolute()
    assert not {"", ".", ".."} & set(path.parts)
    assert len(path.parts) == key.count("/") + 1
    assert str(path).isascii()
    assert str(path).isprintable()


@pytest.mark.parametrize(
    "key", ["dev/iot-dev-hosted-zone.tfstate", "dev/iot-dev-iot.tfstate.tflock"]
)
def test_the_keys_of_states_and_locks_are_paths_as_they_are(key: str) -> None:
    assert path_of(key) == PurePosixPath(key)


@pytest.mark.parametrize("path", ["%2F", "a b", "%2e", "x/%61", "%ED", "é"])
def test_a_file_that_no_key_leads_to_is_not_an_object(path: str) -> None:
    assert key_of(PurePosixPath(path)) is None


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


HOLDER = LockHolder("1d3f", "ops@laptop", datetime(2026, 11, 25, 8, 30, 1, 123456, UTC), "apply")
LOCK_FILE = (
    '{"ID":"1d3f","Operation":"OperationTypeApply","Info":"","Who":"ops@laptop","Version":"1.15.0",'
    '"Created":"2026-11-25T08:30:01.123456789Z","Path":"example/dev/zone.tfstate"}'
)


def lock(sandbox: Sandbox, content: str, bucket: str = WEST) -> Path:
    path = sandbox.folder / "s3" / bucket / "dev" / "zone.tfstate.tflock"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_without_a_sandbox_there_are_no_locks(tmp_path: Path) -> None:
    assert locks_in(tmp_path / "nowhere") == []


def test_each_lock_names_its_owner_time_and_operation(sandbox: Sandbox) -> None:
    lock(sandbox, LOCK_FILE)
    lock(sandbox, LOCK_FILE, CENTRAL)
    found_locks = locks_in(sandbox.folder)
    assert found_locks == [
        StateLock(bucket, "dev/zone.tfstate", HOLDER) for bucket in (CENTRAL, WEST)
    ]
    assert str(found_locks[0].holder) == "ops@laptop, apply since 2026-11-25 08:30:01 UTC"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", LOCK_FILE.replace("2026", "x"), LOCK_FILE.replace("Who", "Whom")],
)
def test_a_damaged_lock_is_listed_and_released_all_the_same(sandbox: Sandbox, content: str) -> None:
    path = lock(sandbox, content)
    (found_locks,) = locks_in(sandbox.folder)
    assert found_locks == StateLock(WEST, "dev/zone.tfstate", None)
    release(sandbox.folder, found_locks)
    assert not path.exists()


def test_a_lock_that_is_gone_already_needs_no_release(sandbox: Sandbox) -> None:
    path = lock(sandbox, LOCK_FILE)
    (found_locks,) = locks_in(sandbox.folder)
    path.unlink()
    release(sandbox.folder, found_locks)
    assert locks_in(sandbox.folder) == []


def test_the_lock_of_a_later_holder_is_not_released(sandbox: Sandbox) -> None:
    lock(sandbox, LOCK_FILE)
    (found_locks,) = locks_in(sandbox.folder)
    lock(sandbox, LOCK_FILE.replace("1d3f", "2e4a").replace("ops", "ci"))
    with pytest.raises(LockChangedError, match=r"zone\.tfstate: now locked by ci@laptop, apply"):
        release(sandbox.folder, found_locks)
    later = replace(HOLDER, lock_id="2e4a", who="ci@laptop")
    assert locks_in(sandbox.folder) == [replace(found_locks, holder=later)]


def test_a_run_that_opens_the_lock_of_a_sandbox_during_its_removal_is_refused(
    tmp_path: Path,
) -> None:
    # What it then holds is a file without a name: one that it opens has none already.
    gone = tmp_path / "gone"
    handle = os.open(gone, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        gone.unlink()
        (tmp_path / ".run").symlink_to(f"/dev/fd/{handle}")
        with pytest.raises(SandboxError, match="another run is using"), exclusive_run(tmp_path):
            pytest.fail("runs in a sandbox that is gone")
        assert os.fstat(handle).st_size == 0
    finally:
        os.close(handle)
