"""What a deploy has to itself."""

import json
from functools import partial
from pathlib import Path

import pytest

from iot_dr.cli.outcomes import StackProgress
from iot_dr.common.user_error import UserError
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.deploy.deployment import Deployment, leftover_locks
from iot_dr.delivery.deploy.folder import DeployFolderError, deploy_folder
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.delivery.state.lock import unlock_command
from iot_dr.observe.state.store import StoreError
from iot_dr.observe.status.network import Network
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.sandbox.exclusive_run import exclusive_run
from iot_dr.terraform.sandbox.sandbox import SandboxError
from iot_dr.terraform_json.provider_choice import Provider
from stacks.state_location import StateLocation
from tests.support.settings import settings


@pytest.mark.parametrize(
    ("provider", "refusal"),
    [(Provider.AWS, DeployFolderError), (Provider.STANDIN, SandboxError)],
)
def test_a_run_on_the_sandbox_keeps_a_deploy_in_it_out_and_none_on_aws(
    provider: Provider, refusal: type[UserError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    deployment = Deployment(
        settings=settings(),
        provider=provider,
        network=Network(resolvers=()),
        lookup=lambda _zone: frozenset(),
        patience=PollLimits(limit=0),
        show=pytest.fail,
        log=RunLog(Path("deploy.log")),
        progress=StackProgress(()),
    )
    # Another deploy ends both, but comes second.
    with exclusive_run(sandbox_folder("dev")), deploy_folder("dev"), pytest.raises(refusal):
        deployment.deploy()


LOCK = {
    "ID": "1-2",
    "Operation": "OperationTypeApply",
    "Who": "someone@host",
    "Created": "2026-11-25T12:00:00Z",
}
ZONE, REGION = "iot-dev-hosted-zone", "iot-dev-iot-eu-west-1"
UNLOCK = partial(unlock_command, "dev", "standin")


@pytest.fixture
def stacks(tmp_path: Path) -> Path:
    for stack in (ZONE, REGION):
        backend = {"bucket": "b", "key": f"dev/{stack}.tfstate", "region": "eu-west-1"}
        (tmp_path / stack).mkdir()
        document = {"terraform": {"backend": {"s3": backend}}}
        (tmp_path / stack / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path


def test_each_lock_that_is_left_is_reported_with_the_command_that_releases_it(stacks: Path) -> None:
    def fetch(location: StateLocation, _role: str | None) -> bytes | None:
        is_locked = location.key == f"dev/{ZONE}.tfstate.tflock"
        return json.dumps(LOCK).encode() if is_locked else None

    (only,) = leftover_locks((ZONE, REGION), stacks, fetch, UNLOCK)
    assert only == (
        f"{ZONE}: Terraform was killed, and what it was making may be in no state. The state is"
        " locked by someone@host, apply since 2026-11-25 12:00:00 UTC, lock 1-2.\n"
        "Once no run is active: iot-dr state unlock iot-dev-hosted-zone --id 1-2"
        " --env dev --provider standin"
    )


def test_a_state_that_cannot_be_read_hides_no_lock_of_another(stacks: Path) -> None:
    def fetch(location: StateLocation, _role: str | None) -> bytes | None:
        if location.key == f"dev/{ZONE}.tfstate.tflock":
            raise StoreError("the token has expired")
        return json.dumps(LOCK).encode()

    unknown, left = leftover_locks((ZONE, REGION), stacks, fetch, UNLOCK)
    assert unknown == (
        f"{ZONE}: Terraform was killed, and what it was making may be in no state. Whether the"
        " state is locked is unknown: the token has expired"
    )
    assert left.startswith(f"{REGION}: Terraform was killed")
