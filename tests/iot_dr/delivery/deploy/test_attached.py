"""What AWS would refuse to delete keeps a destruction from beginning."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from environments.loader import load
from tests.support.aws_account import account, client, variables
from tests.support.aws_faults import DENIED, Faults, Reply, faults_before
from tests.support.command import iot_dr_here

SETTINGS = load("dev", {})
WEST, CENTRAL = "eu-west-1", "eu-central-1"
POLICY = "example-dev-device"
# In Terraform's place, which begins only where nothing is refused.
FAILING = """#!/bin/sh
test "$1" = version && echo '{"terraform_version": "1.12.0"}' && exit
exit 3
"""
PAGE = Reply(200, json.dumps({"targets": ["arn"] * 250}).encode(), "application/json")
DESTROY = ("destroy", "--env", "dev", "--provider", "aws", "--confirm", "dev")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Faults]]:
    with account(SETTINGS.account_id) as moto, faults_before(moto) as faults:
        for region in (WEST, CENTRAL):
            client("iot", region, moto).create_policy(policyName=POLICY, policyDocument="{}")
        yield moto, faults


@contextmanager
def attached(moto: str, region: str, count: int) -> Generator[list[str]]:
    """Attach the devices' policy to new certificates, for a `with` block."""
    iot = client("iot", region, moto)
    made = [iot.create_keys_and_certificate()["certificateArn"] for _ in range(count)]
    for arn in made:
        iot.attach_policy(policyName=POLICY, target=arn)
    yield made
    for arn in made:
        iot.detach_policy(policyName=POLICY, target=arn)


def destroyed(faults: Faults, folder: Path) -> str:
    """Run `iot-dr destroy` against the account, which has to refuse; return what it says."""
    config = folder / "config"
    config.write_text(f"[default]\nendpoint_url = {faults.endpoint}\n", encoding="utf-8")
    program = folder / "terraform"
    program.write_text(FAILING, encoding="utf-8")
    program.chmod(0o755)
    led = {**variables(faults.endpoint), "AWS_CONFIG_FILE": str(config)}
    del led["AWS_ENDPOINT_URL"]
    done = iot_dr_here(*DESTROY, cwd=folder, TERRAFORM_BINARY_NAME=str(program), **led)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_policy_with_certificates_is_named_with_its_region_and_what_to_do(
    served: tuple[str, Faults], tmp_path: Path
) -> None:
    moto, faults = served
    faults.clear()
    with attached(moto, CENTRAL, 4) as arns:
        told = destroyed(faults, tmp_path)
    head, what, *advice = told.splitlines()
    assert head == "nothing is destroyed: these IoT policies are attached, or could not be checked:"
    assert what.startswith(f"  {POLICY} ({CENTRAL}): attached to 4: arn:aws:iot:{CENTRAL}:")
    assert sum(arn in what for arn in arns) == 3
    assert what.endswith(", ...")
    assert f"aws iot detach-policy --policy-name {POLICY} --region {CENTRAL}" in advice[-1]
    assert f"({WEST})" not in told


def test_a_region_that_cannot_be_asked_is_no_region_without_certificates_and_a_page_is_not_all(
    served: tuple[str, Faults], tmp_path: Path
) -> None:
    _, faults = served
    faults.clear()
    answers = {WEST: DENIED, CENTRAL: PAGE}
    faults.answers.append(lambda asked: answers[asked.region] if asked.service == "iot" else None)
    told = destroyed(faults, tmp_path)
    assert f"  {POLICY} ({WEST}): not known: iot:ListTargetsForPolicy in {WEST}" in told
    assert f"  {POLICY} ({CENTRAL}): attached to 250 or more: arn, arn, arn, ..." in told
    assert "the caller needs the IAM action iot:ListTargetsForPolicy" in told


@pytest.mark.exhaustive
def test_where_nothing_is_attached_or_was_ever_made_terraform_begins(
    served: tuple[str, Faults], tmp_path: Path
) -> None:
    moto, faults = served
    faults.clear()
    client("iot", WEST, moto).delete_policy(policyName=POLICY)
    try:
        told = destroyed(faults, tmp_path)
    finally:
        client("iot", WEST, moto).create_policy(policyName=POLICY, policyDocument="{}")
    assert "iot-dev-entry-point: terraform init failed (3)" in told
