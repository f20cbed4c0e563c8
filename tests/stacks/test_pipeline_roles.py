"""Each role of a pipeline, walked through: what it may do, and what it may not."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

import cdktf
import pytest

from modules.build_role import MAX_INLINE_POLICY_LENGTH
from modules.inputs import InputError
from modules.policy_document import policy_length
from stacks.base_stack import BaseStack
from stacks.pipeline_roles import PipelineRoleInputs, PipelineRoles, project_names
from stacks.platform_graph import platform_graph
from tests.stacks.permissions.examples import ACCOUNT
from tests.stacks.permissions.walked import (
    HERE,
    NORTH,
    OTHER,
    SETTINGS,
    calls_on,
    permissions,
    stacks_of,
    synthesized,
    walked,
    with_arns,
)
from tests.support.iam import Call, document, roles
from tests.support.pipeline import PIPELINE, connection
from tests.support.settings import JUST_IN_TIME, REGIONS, settings

ARTIFACTS = f"arn:aws:s3:::example-iot-dev-{HERE}-pipeline"
NAMES = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
TYPES = "route53:ChangeResourceRecordSetsRecordTypes"
# A health check has an id alone, and IAM looks at no tag of it.
SHARED = {
    *("route53:ChangeTagsForResource", "route53:CreateHealthCheck"),
    *("route53:DeleteHealthCheck", "route53:UpdateHealthCheck"),
}


def reads(scope: str) -> Iterator[Call]:
    return calls_on(permissions().environment, scope, write=False)


def writes(scope: str) -> Iterator[Call]:
    return calls_on(permissions().environment, scope, write=True)


SCOPES = ["global", "pipeline", HERE, OTHER, NORTH]


def test_there_is_a_role_for_the_pipeline_and_for_each_of_its_builds() -> None:
    builders = {"synth", "plan", "verify"}
    assert set(walked()) == {"pipeline", *builders, *(f"apply-{each}" for each in SCOPES)}
    assert set(project_names(SETTINGS)) == set(walked()) - {"pipeline"}


def test_each_role_is_taken_on_by_its_own_project_alone() -> None:
    for name, role in synthesized().resources("aws_iam_role").items():
        (trust,) = document(role["assume_role_policy"])
        is_pipeline = name == "pipeline"
        service = "codepipeline" if is_pipeline else "codebuild"
        kind = "" if is_pipeline else "project/"
        source = f"arn:aws:{service}:{HERE}:{ACCOUNT}:{kind}{role['name']}"
        assert trust["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert trust["Condition"] == {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnEquals": {"aws:SourceArn": source},
        }


def test_each_role_has_the_boundary_and_the_path_of_pipelines() -> None:
    for role in synthesized().resources("aws_iam_role").values():
        assert role["permissions_boundary"] == "${aws_iam_policy.pipeline_boundary.arn}"
        assert role["path"] == "/iot-dr/"


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_s_role_may_read_and_change_all_that_its_stacks_hold(scope: str) -> None:
    role = walked()[f"apply-{scope}"]
    assert [each for each in chain(reads(scope), writes(scope)) if not role.may(each)] == []


@pytest.mark.parametrize("scope", SCOPES)
def test_the_plan_role_may_read_all_and_change_nothing(scope: str) -> None:
    role = walked()["plan"]
    assert [each for each in reads(scope) if not role.may(each)] == []
    assert [each for each in writes(scope) if role.may(each)] == []


@pytest.mark.parametrize("what", ["synth", "verify", "pipeline"])
@pytest.mark.parametrize("scope", SCOPES)
def test_none_of_the_synth_role_the_verify_role_and_the_pipeline_s_may_change_what_stacks_hold(
    what: str, scope: str
) -> None:
    assert [each for each in writes(scope) if walked()[what].may(each)] == []


@pytest.mark.parametrize("scope", SCOPES)
def test_the_synth_role_may_not_even_read_what_stacks_hold(scope: str) -> None:
    seen = {each.resource for each in reads(scope) if walked()["synth"].may(each)}
    assert seen <= {ARTIFACTS}


@pytest.mark.parametrize("role", SCOPES)
@pytest.mark.parametrize("scope", SCOPES)
def test_no_scope_s_role_may_change_what_another_scope_holds(role: str, scope: str) -> None:
    if role == scope:
        return
    taken = {each.action for each in writes(scope) if walked()[f"apply-{role}"].may(each)}
    assert taken <= SHARED


@pytest.mark.parametrize("region", [HERE, OTHER, NORTH])
def test_a_region_s_role_may_not_do_in_another_region_what_it_does_in_its_own(region: str) -> None:
    role = walked()[f"apply-{region}"]
    for call in writes(region):
        if call.context["aws:RequestedRegion"] == region:
            moved = {**call.context, "aws:RequestedRegion": "us-west-2"}
            assert not role.may(Call(call.action, call.resource, moved)), call


def test_five_names_of_one_type_are_granted_in_full() -> None:
    def alarm(name: str) -> Call:
        arn = f"arn:aws:cloudwatch:{HERE}:{ACCOUNT}:alarm:example-dev-{name}"
        return Call("cloudwatch:PutMetricAlarm", arn, {"aws:RequestedRegion": HERE})

    role = walked()["apply-global"]
    assert role.may(alarm("watcher"))
    assert not role.may(alarm("watcher-other"))


def records(*names: str, kind: str = "CNAME") -> Call:
    zone = "arn:aws:route53:::hostedzone/Z1"
    context = {NAMES: names, TYPES: (kind,), "aws:RequestedRegion": "us-east-1"}
    return Call("route53:ChangeResourceRecordSets", zone, context)


def test_only_the_global_role_may_move_the_device_name() -> None:
    moving = [records("mqtt.iot-dev.example.com"), records("mqtt-standby-1.iot-dev.example.com")]
    may = {what for what, role in walked().items() for each in moving if role.may(each)}
    assert may == {"apply-global"}


def test_a_region_s_role_may_change_its_own_name_and_none_next_to_it() -> None:
    role, own_name = walked()[f"apply-{OTHER}"], f"mqtt-{OTHER}.iot-dev.example.com"
    assert role.may(records(own_name))
    assert not role.may(records(own_name, "mqtt.iot-dev.example.com"))
    assert not role.may(records(f"mqtt-{HERE}.iot-dev.example.com"))
    assert not role.may(records(own_name, kind="NS"))
    assert not role.may(records("iot-dev.example.com"))


def test_only_the_global_role_may_change_the_record_that_validates_certificates() -> None:
    validation = records(f"_{'0' * 32}.iot-dev.example.com")
    assert {what for what, role in walked().items() if role.may(validation)} == {"apply-global"}


def in_artifacts(action: str, key: str | None = None) -> set[str]:
    """Return the roles that may change the artifact bucket, or to one of its objects."""
    resource = ARTIFACTS if key is None else f"{ARTIFACTS}/{key}"
    call = Call(f"s3:{action}", resource, {"aws:RequestedRegion": HERE})
    return {what for what, role in walked().items() if role.may(call)}


# docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html: the service role's
# policy, and what it names for each action that this pipeline has.
OF_A_PIPELINE = {
    ARTIFACTS: ("s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation"),
    f"{ARTIFACTS}/example-dev-pipeline/Source/x": (
        *("s3:PutObject", "s3:PutObjectAcl", "s3:GetObject", "s3:GetObjectVersion"),
    ),
    f"arn:aws:codebuild:{HERE}:{ACCOUNT}:project/example-dev-plan-{HERE}": (
        *("codebuild:BatchGetBuilds", "codebuild:StartBuild"),
    ),
    PIPELINE["connections"][HERE]: (
        *("codeconnections:UseConnection", "codestar-connections:UseConnection"),
    ),
    f"arn:aws:sns:{HERE}:{ACCOUNT}:example-dev-pipeline-{HERE}": ("sns:Publish",),
}


@pytest.mark.parametrize("resource", OF_A_PIPELINE)
def test_the_pipeline_s_role_may_all_that_aws_says_a_pipeline_needs(resource: str) -> None:
    calls = [
        Call(each, resource, {"aws:RequestedRegion": HERE}) for each in OF_A_PIPELINE[resource]
    ]
    assert [each.action for each in calls if not walked()["pipeline"].may(each)] == []


def test_only_the_pipeline_s_role_uploads_with_an_acl() -> None:
    assert in_artifacts("PutObjectAcl", "example-dev-pipeline/Source/x") == {"pipeline"}


@pytest.mark.parametrize(
    ("region", "alarm"), [(OTHER, f"canary-{OTHER}"), ("us-east-1", f"tcp-{OTHER}")]
)
def test_who_verifies_a_wave_may_ask_its_alarms_and_write_nothing(region: str, alarm: str) -> None:
    verify = walked()["verify"]
    resource = f"arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:example-dev-{alarm}"
    within = {"aws:RequestedRegion": region}
    assert verify.may(Call("cloudwatch:DescribeAlarms", resource, within))
    assert not verify.may(Call("cloudwatch:SetAlarmState", resource, within))
    assert not walked()["pipeline"].may(Call("cloudwatch:DescribeAlarms", resource, within))


def test_artifacts_are_listed_by_the_pipeline_and_by_who_reads_their_bucket_for_terraform() -> None:
    # The provider asks whether a bucket is there, and S3 calls that listing it.
    assert in_artifacts("ListBucket") == {"pipeline", "plan", "apply-pipeline"}


@pytest.mark.parametrize(
    ("folder", "who", "others"),
    [
        ("Source", "", {"synth"}),
        ("Code", "synth", {"plan", "verify", *(f"apply-{each}" for each in SCOPES)}),
        ("Plans3", "plan", {"verify", *(f"apply-{each}" for each in SCOPES)}),
        ("Plans12", "plan", {"verify", *(f"apply-{each}" for each in SCOPES)}),
    ],
    ids=["source", "code", "plans", "plans of a late wave"],
)
def test_an_artifact_is_left_by_its_own_build_and_read_by_those_whose_actions_take_it(
    folder: str, who: str, others: set[str]
) -> None:
    key = f"example-dev-pipeline/{folder}/x"
    assert in_artifacts("PutObject", key) == {"pipeline", who} - {""}
    assert in_artifacts("GetObject", key) == {"pipeline", *others}


BECOMES = {"aws:RequestTag/Project": "example", "aws:RequestTag/Environment": "dev"}
THEIRS = {"aws:ResourceTag/Project": "example", "aws:ResourceTag/Environment": "prod"}


def tagging(what: str, *contexts: dict[str, str]) -> set[str]:
    """Return the roles that may tag a key or certificate of the account as this environment's."""
    service, verb = {
        "key": ("kms", "TagResource"),
        "certificate": ("acm", "AddTagsToCertificate"),
    }[what]
    context = {"aws:RequestedRegion": HERE, **BECOMES}
    for keys in contexts:
        context |= keys
    call = Call(f"{service}:{verb}", f"arn:aws:{service}:{HERE}:{ACCOUNT}:{what}/any", context)
    return {name for name, role in walked().items() if role.may(call)}


def test_who_makes_a_certificate_may_take_one_that_has_no_tags_and_nobody_takes_a_key() -> None:
    # What is made has no tags yet, and IAM cannot distinguish it from one that never had any.
    assert tagging("certificate") == {"apply-global"}
    assert tagging("key") == set()
    for what in ("key", "certificate"):
        assert tagging(what, THEIRS) == set()


def state(region: str, name: str, action: str = "s3:PutObject") -> Call:
    resource = f"arn:aws:s3:::example-iot-dev-{region}/dev/{name}"
    return Call(action, resource, {"aws:ResourceAccount": ACCOUNT, "aws:RequestedRegion": region})


def writers(region: str, name: str) -> set[str]:
    return {what for what, role in walked().items() if role.may(state(region, name))}


def readers(region: str, name: str) -> set[str]:
    call = state(region, name, "s3:GetObject")
    return {what for what, role in walked().items() if role.may(call)}


def test_a_state_is_written_by_its_own_scope_alone() -> None:
    assert writers(OTHER, f"iot-dev-iot-{OTHER}.tfstate") == {f"apply-{OTHER}"}
    assert writers(HERE, f"iot-dev-pipeline-{HERE}.tfstate") == {"apply-pipeline"}
    for what in ("state", "hosted-zone", "entry-point"):
        assert writers(HERE, f"iot-dev-{what}.tfstate") == {"apply-global"}


def test_a_state_is_locked_by_its_own_scope_and_by_plans() -> None:
    lock = f"iot-dev-iot-{OTHER}.tfstate.tflock"
    assert writers(OTHER, lock) == {f"apply-{OTHER}", "plan"}


def test_a_region_s_state_is_read_by_itself_the_entry_point_plans_and_verifications() -> None:
    expected = {f"apply-{OTHER}", "apply-global", "plan", "verify"}
    assert readers(OTHER, f"iot-dev-iot-{OTHER}.tfstate") == expected


def test_a_turn_is_taken_by_its_own_region_and_looked_at_by_all() -> None:
    lease = f"iot-dev-iot-{OTHER}.turn"
    assert writers(OTHER, lease) == {f"apply-{OTHER}"}
    assert readers(OTHER, lease) == set(walked()) - {"pipeline", "synth"}


def test_every_region_reads_the_zone_and_the_primary_from_home_and_from_a_copy() -> None:
    for what in ("hosted-zone", "entry-point"):
        for region in (HERE, NORTH):
            assert f"apply-{OTHER}" in readers(region, f"iot-dev-{what}.tfstate")


def test_a_bucket_of_another_account_is_read_by_nobody() -> None:
    call = state(HERE, "iot-dev-state.tfstate", "s3:GetObject")
    foreign = Call(
        call.action,
        "arn:aws:s3:::example-iot-dev-x/dev/promoted.json",
        {"aws:ResourceAccount": "999999999999"},
    )
    assert not [what for what, role in walked().items() if role.may(foreign)]


LONG_REGIONS = ["ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ap-northeast-2", OTHER]
LONGEST: dict[str, Any] = {
    "project": "p" * 20,
    "environment": "environment1",
    # The zone's certificate has room for no longer one.
    "domain": f"{'d' * 32}.example.com",
    "regions": LONG_REGIONS,
    "home_region": LONG_REGIONS[0],
    "primary_region": LONG_REGIONS[0],
    "leaving_regions": ["ap-southeast-5", "ca-central-1", "me-central-1"],
    "state": {"bucket_prefix": "b" * 35},
    "data": {"provisioning": JUST_IN_TIME},
    "pipeline": {
        **PIPELINE,
        "active_region": LONG_REGIONS[0],
        "connections": {region: connection(region) for region in LONG_REGIONS[:2]},
    },
}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"regions": list(REGIONS), "pipeline": PIPELINE},
            id="five regions",
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(LONGEST, id="longest"),
    ],
)
def test_policies_are_no_longer_than_iam_takes_when_their_references_are_resolved(
    changes: dict[str, Any],
) -> None:
    platform, region = settings(**changes), list(changes["pipeline"]["connections"])[1]
    name = f"iot-{platform.environment}-pipeline-{region}"
    stack = with_arns(stacks_of(platform)[name], region)
    inline = stack.resources("aws_iam_role_policy").values()
    managed = stack.resources("aws_iam_policy").values()
    assert len(inline) == len(stack.resources("aws_iam_role"))
    assert "${" not in "".join(each["policy"] for each in (*inline, *managed))
    assert max(policy_length(document(each["policy"])) for each in inline) <= 10_240
    assert max(policy_length(document(each["policy"])) for each in managed) <= 6_144


def test_a_policy_that_is_too_long_only_with_the_arn_behind_a_reference_is_refused() -> None:
    # No valid settings make one. Of all in policies, only the topic's ARN has this name.
    inputs = PipelineRoleInputs(
        region=HERE,
        pipeline_name="p" * MAX_INLINE_POLICY_LENGTH,
        artifact_bucket_arn=ARTIFACTS,
        key_arn=f"arn:aws:kms:{HERE}:{ACCOUNT}:key/artifacts",
        connection_arn=PIPELINE["connections"][HERE],
        topic_arn="${aws_sns_topic.pipeline.arn}",
    )
    nodes = {node.name: node for node in platform_graph(SETTINGS).nodes}
    app = cdktf.App()
    stack = BaseStack(app, nodes[f"iot-dev-pipeline-{HERE}"], SETTINGS, [HERE])
    with pytest.raises(InputError, match=r"statements is 1\d{4}, expected .* at most 10240 char"):
        PipelineRoles(stack, inputs).grant(permissions())


def test_the_standing_copy_has_the_same_roles_below_the_same_boundary() -> None:
    here, other = roles(synthesized(HERE)), roles(synthesized(OTHER))
    assert here.keys() == other.keys()
    assert len({json.dumps(role.boundary) for role in (*here.values(), *other.values())}) == 1
