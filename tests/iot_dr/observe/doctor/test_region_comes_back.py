"""A region that was abandoned, or has left, is in the settings again: what is left there."""

import json
import shlex
from typing import Any

import pytest

from iot_dr.observe.doctor.checks import names, state_buckets
from iot_dr.observe.doctor.finding import AccountFinding
from tests.iot_dr.observe.doctor.world import CENTRAL, SINCE, WEST, Answers, World, only, refusal
from tests.support.state_files import state_file
from tests.support.synthesis import Synthesis

NOT_FOUND = refusal("ResourceNotFoundException", status=404)
FREE: Answers = {
    "head_bucket": refusal("404", status=404),
    "get_role": refusal("NoSuchEntity", status=404),
    "get_function_configuration": NOT_FOUND,
    "get_policy": NOT_FOUND,
    "describe_domain_configuration": NOT_FOUND,
    "describe_log_streams": NOT_FOUND,
    "list_resource_record_sets": {"ResourceRecordSets": []},
    "get_bucket_versioning": {"Status": "Enabled"},
    "get_bucket_encryption": {},
}
OWN = "iot-dev-iot-eu-central-1"
RECORD = {
    "Name": "mqtt-eu-central-1.iot-dev.example.com.",
    "Type": "CNAME",
    "TTL": 60,
    "ResourceRecords": [{"Value": "x-ats.iot.eu-central-1.amazonaws.com"}],
}


def world(answers: Answers, *abandoned: str) -> World:
    """Return an account in which the first region is deployed, and the second one is added."""
    made = World({**FREE, **answers})
    made.state("iot-dev-state", "aws_s3_bucket.state_eu_west_1")
    made.record(*abandoned)
    home = made.buckets[made.settings.state_bucket(WEST)]
    home["dev/iot-dev-hosted-zone.tfstate"] = state_file(outputs={"zone_id": "Z1"})
    return made


def taken(made: World, synthesis: Synthesis) -> list[AccountFinding]:
    return list(names.examine(made.account(synthesis)))


@pytest.mark.parametrize(
    ("method", "noun", "command"),
    [
        ("get_function_configuration", "function", "aws lambda delete-function --function-name"),
        ("get_policy", "policy", "aws iot delete-policy --policy-name example-dev-device"),
        ("describe_domain_configuration", "domain configuration", "aws iot update-domain-conf"),
        ("describe_log_streams", "log group", "aws logs delete-log-group --log-group-name /aws/"),
    ],
)
def test_what_is_left_in_an_abandoned_region_is_reported_with_how_to_remove_it(
    synthesis: Synthesis, method: str, noun: str, command: str
) -> None:
    for finding in taken(world({(method, CENTRAL): {}}, CENTRAL), synthesis):
        assert (finding.status, finding.region, finding.blocks) == ("missing", CENTRAL, True)
        assert finding.message.startswith(f"the {noun} ")
        assert f"before {CENTRAL} was abandoned ({SINCE})" in finding.remedy
        assert finding.commands[0].startswith(command)
        assert finding.commands[-1].endswith(f" --region {CENTRAL}")


def test_a_role_goes_after_its_policies(synthesis: Synthesis) -> None:
    made = world({"get_role": {}}, CENTRAL)
    of_central = [each for each in taken(made, synthesis) if each.region == CENTRAL]
    assert of_central
    for finding in of_central:
        attached, inline, role = finding.commands
        assert "detach-role-policy" in attached
        assert "delete-role-policy" in inline
        assert role.startswith("aws iam delete-role --role-name ")


@pytest.mark.parametrize("value", ["gone.example.com", "it's'; gone"])
def test_the_record_that_is_left_is_deleted_by_its_own_values(
    value: str, synthesis: Synthesis
) -> None:
    record = {**RECORD, "ResourceRecords": [{"Value": value}]}
    answers: Answers = {"list_resource_record_sets": {"ResourceRecordSets": [record]}}
    finding = only(taken(world(answers, CENTRAL), synthesis))
    assert finding.message.startswith("the record mqtt-eu-central-1.iot-dev.example.com exists")
    (command,) = finding.commands
    *lead, batch = shlex.split(command)
    assert lead == [
        *("aws", "route53", "change-resource-record-sets"),
        *("--hosted-zone-id", "Z1", "--change-batch"),
    ]
    change: dict[str, Any] = json.loads(batch)
    assert change == {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}


def test_in_an_abandoned_region_with_nothing_left_a_deploy_may_begin(synthesis: Synthesis) -> None:
    assert only(taken(world({}, CENTRAL), synthesis)).status == "ok"


def test_what_a_region_has_that_was_never_abandoned_is_nobody_elses_to_delete(
    synthesis: Synthesis,
) -> None:
    # An adopted platform has its policy and its domain configuration.
    answers: Answers = {"get_policy": {}, "describe_domain_configuration": {}}
    assert only(taken(world(answers), synthesis)).status == "ok"
    findings = taken(world({("get_function_configuration", CENTRAL): {}}), synthesis)
    assert {each.commands for each in findings} == {()}


def test_what_the_states_of_a_region_have_is_not_left_behind(synthesis: Synthesis) -> None:
    made = world({("get_policy", CENTRAL): {}}, CENTRAL)
    made.state(OWN, "aws_iot_policy.device", "aws_route53_record.regional_name", region=CENTRAL)
    assert [each.status for each in taken(made, synthesis)] == ["ok"]


def test_a_record_of_abandoned_regions_that_cannot_be_read_hides_nothing_else(
    synthesis: Synthesis,
) -> None:
    made = world({("get_function_configuration", CENTRAL): {}})
    made.buckets[made.settings.state_bucket(WEST)]["dev/abandoned.json"] = b"{}"
    findings = taken(made, synthesis)
    assert {each.status for each in findings} == {"unknown", "missing"}
    (unknown,) = [each for each in findings if each.status == "unknown"]
    assert "abandoned.json: is not a readable record" in unknown.message


def test_the_bucket_of_a_new_region_is_created_by_a_deploy(synthesis: Synthesis) -> None:
    no_bucket = refusal("NoSuchBucket", status=404)
    made = world({("get_bucket_versioning", CENTRAL): no_bucket})
    first, added = state_buckets.examine(made.account(synthesis))
    assert (first.status, added.status) == ("ok", "later")
    assert "a deploy creates it" in added.message


def test_the_bucket_of_a_region_that_comes_back_is_imported(synthesis: Synthesis) -> None:
    first, back = state_buckets.examine(world({}).account(synthesis))
    assert first.status == "ok"
    assert (back.status, back.region, back.blocks) == ("missing", CENTRAL, True)
    assert "exists, and is not in the state of iot-dev-state" in back.message
    assert back.commands[-1] == (
        "cd cdktf.out/stacks/iot-dev-state && terraform init && terraform import"
        " aws_s3_bucket.state_eu_central_1 example-iot-dev-eu-central-1"
    )


def test_a_remedy_names_the_binary_that_runs(
    synthesis: Synthesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "tofu")
    _, back = state_buckets.examine(world({}).account(synthesis))
    assert " && tofu init && tofu import aws_s3_bucket" in back.commands[-1]


def test_a_bucket_in_the_state_that_is_gone_is_still_missing(synthesis: Synthesis) -> None:
    no_bucket = refusal("NoSuchBucket", status=404)
    made = world({("get_bucket_versioning", CENTRAL): no_bucket})
    made.state(
        "iot-dev-state", *(f"aws_s3_bucket.state_eu_{each}_1" for each in ("west", "central"))
    )
    made.buckets[made.settings.state_bucket(CENTRAL)] = {}
    _, gone = state_buckets.examine(made.account(synthesis))
    assert (gone.status, gone.blocks) == ("missing", True)
    assert gone.commands == ("iot-dr state init --env dev",)
