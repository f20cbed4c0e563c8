"""The resources of stacks, as IAM names them, and what the settings leave out."""

from typing import Any

import pytest

from environments.settings import Settings
from modules.permissions.permission import PIPELINE_TAGS
from stacks.permissions.resource import PolicyResource, UnknownPermissionError, stack_resources
from tests.stacks.permissions.examples import ACCOUNT
from tests.stacks.permissions.walked import HERE, NORTH, OTHER, roles_of, stacks, with_arns
from tests.support.iam import Call, Role
from tests.support.pipeline import PIPELINE
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

AWS = "aws.eu_west_1"


def resources(*, data: Any = None, **blocks: Any) -> list[PolicyResource]:
    """Return what is found in a document of one resource or data source of each type."""
    document = {
        kind: {type_: {"it": {"provider": AWS, **body}} for type_, body in (by_type or {}).items()}
        for kind, by_type in (("resource", blocks), ("data", data))
    }
    return list(stack_resources("iot-dev-x", document))


def test_a_resource_is_named_by_the_attribute_of_its_type_in_its_provider_s_region() -> None:
    (alarm,) = resources(aws_cloudwatch_metric_alarm={"alarm_name": "a", "namespace": "b"})
    assert alarm == PolicyResource(
        type="aws_cloudwatch_metric_alarm", regions=(HERE,), names=("a",)
    )


def test_a_reference_is_followed_to_the_name_whatever_attribute_it_asks_for() -> None:
    queue, policy = resources(
        aws_sqs_queue={"name": "q"}, aws_sqs_queue_policy={"queue_url": "${aws_sqs_queue.it.url}"}
    )
    assert queue.names == policy.names == ("q",)


def test_a_role_s_policy_has_the_path_and_the_services_of_its_role() -> None:
    trust = '{"Statement": [{"Principal": {"Service": "iot.amazonaws.com"}}]}'
    role, policy = resources(
        aws_iam_role={"name": "r", "path": "/iot-dr/", "assume_role_policy": trust},
        aws_iam_role_policy={"name": "p", "role": "${aws_iam_role.it.name}"},
    )
    assert (policy.names, policy.path, policy.kinds) == (role.names, role.path, role.kinds)
    assert role.kinds == ("iot.amazonaws.com",)


def test_a_data_source_is_only_read_and_a_replica_is_in_its_own_region() -> None:
    table, replica = resources(
        aws_dynamodb_table={"name": "t", "replica": [{"region_name": OTHER}]}
    )
    assert (table.regions, replica.regions, replica.names) == ((HERE,), (OTHER,), ("t",))
    (found,) = resources(data={"aws_dynamodb_table": {"name": "t"}})
    assert found.is_data_source


def test_a_record_that_validates_a_certificate_begins_with_an_underscore_in_its_domain() -> None:
    option = "${tolist(aws_acm_certificate.it.domain_validation_options).0.resource_record_name}"
    *_, record = resources(
        aws_acm_certificate={"domain_name": "*.example.com"},
        aws_route53_record={"name": option, "type": "${a}", "zone_id": "${b}"},
    )
    assert (record.names, record.kinds, record.zone) == (("_*.example.com",), ("CNAME",), None)


def test_a_type_that_the_catalogue_lacks_is_refused_with_its_address_and_what_to_do() -> None:
    expected = r"iot-dev-x: aws_instance\.it: .* add the type's API actions"
    with pytest.raises(UnknownPermissionError, match=expected):
        resources(aws_instance={})


def test_a_name_that_is_in_another_stack_is_refused() -> None:
    state = "${data.terraform_remote_state.x.outputs.name}"
    with pytest.raises(
        UnknownPermissionError, match=r"aws_sns_topic\.it: .* the name must be a literal"
    ):
        resources(aws_sns_topic={"name": state})


def test_the_key_of_a_pipeline_has_the_tags_that_its_permissions_ask_for() -> None:
    for region in (HERE, OTHER):
        (key,) = stacks()[f"iot-dev-pipeline-{region}"].resources("aws_kms_key").values()
        assert key["tags"] == PIPELINE_TAGS
    (other,) = stacks()[f"iot-dev-iot-{HERE}"].resources("aws_kms_key").values()
    assert "Part" not in other.get("tags", {})


def walked(synthesis: Synthesis, platform: Settings) -> dict[str, Role]:
    return roles_of(with_arns(synthesis(platform)[f"iot-dev-pipeline-{HERE}"], HERE))


def deleting(region: str, what: str) -> Call:
    function = f"arn:aws:lambda:{region}:{ACCOUNT}:function:example-dev-{what}"
    return Call("lambda:DeleteFunction", function, {"aws:RequestedRegion": region})


def test_what_the_settings_no_longer_ask_for_may_still_be_destroyed(synthesis: Synthesis) -> None:
    # The pipeline's own wave goes first, with the roles for those that follow.
    chosen = settings(
        pipeline=PIPELINE,
        health={"mode": "shallow"},
        recovery={"fail_back": "auto"},
        leaving_regions=[NORTH],
    )
    stack = synthesis(chosen)
    assert not stack[f"iot-dev-iot-{HERE}"].resources("aws_lambda_function")
    functions = stack["iot-dev-entry-point"].resources("aws_lambda_function")
    assert not [each for each in functions if not each.startswith("publisher_")]
    roles = walked(synthesis, chosen)
    for region in (HERE, OTHER, NORTH):
        assert roles[f"apply-{region}"].may(deleting(region, "canary"))
        assert roles["apply-global"].may(deleting(region, "watcher"))
    names = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    nested = {"aws:RequestedRegion": "us-east-1", names: ("mqtt-standby-1.iot-dev.example.com",)}
    zone = "arn:aws:route53:::hostedzone/Z1"
    assert roles["apply-global"].may(Call("route53:ChangeResourceRecordSets", zone, nested))


@pytest.mark.parametrize("region", [HERE, OTHER])
def test_a_change_of_primary_changes_no_role(synthesis: Synthesis, region: str) -> None:
    stack = synthesis(settings(pipeline=PIPELINE, primary_region=region))
    before = synthesis(settings(pipeline=PIPELINE))
    for name in (f"iot-dev-pipeline-{HERE}", f"iot-dev-pipeline-{OTHER}", "iot-dev-state"):
        for type_ in ("aws_iam_policy", "aws_iam_role_policy"):
            assert stack[name].resources(type_) == before[name].resources(type_)
