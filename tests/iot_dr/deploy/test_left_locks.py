"""What is told of the locks that a killed Terraform has left."""

import json
from functools import partial
from pathlib import Path

from iot_dr.deploy.left_locks import left_locks
from iot_dr.state.lock import unlock_command
from stacks.state_location import StateLocation

LOCK = {
    "ID": "1-2",
    "Operation": "OperationTypeApply",
    "Who": "someone@host",
    "Created": "2026-11-25T12:00:00Z",
}
ZONE, REGION = "iot-dev-hosted-zone", "iot-dev-iot-eu-west-1"


def test_each_lock_that_is_left_is_told_with_the_command_that_takes_it_back(tmp_path: Path) -> None:
    for stack in (ZONE, REGION):
        backend = {"bucket": "b", "key": f"dev/{stack}.tfstate", "region": "eu-west-1"}
        (tmp_path / stack).mkdir()
        document = {"terraform": {"backend": {"s3": backend}}}
        (tmp_path / stack / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")

    def fetch(location: StateLocation, _role: str | None) -> bytes | None:
        is_locked = location.key == f"dev/{ZONE}.tfstate.tflock"
        return json.dumps(LOCK).encode() if is_locked else None

    told = left_locks((ZONE, REGION), tmp_path, fetch, partial(unlock_command, "dev", "standin"))
    (only,) = told
    assert only == (
        f"{ZONE}: Terraform was killed, and what it was making may be in no state. The state is"
        " locked by someone@host, apply since 2026-11-25 12:00:00 UTC, lock 1-2.\n"
        "When nobody works on it any more: iot-dr state unlock iot-dev-hosted-zone --id 1-2"
        " --env dev --provider standin"
    )
