"""Who holds a lock, and its release, from the folder alone."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from iot_dr.terraform.sandbox.locks import (
    LockChangedError,
    LockHolder,
    StateLock,
    locks_in,
    release,
)
from iot_dr.terraform.sandbox.sandbox import Sandbox
from tests.iot_dr.terraform.sandbox.client import CENTRAL, WEST

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
