"""Every policy of every stack names actions and resources."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from environments.settings import Settings
from tests.support.pipeline import PIPELINE
from tests.support.settings import FLEET, JUST_IN_TIME, REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

# Actions for which the service authorization reference lists no resource type; each must be held
# by a condition instead. docs.aws.amazon.com/service-authorization/latest/reference/
# list_amazoncloudwatch.html, list_awscertificatemanager.html, list_awsiot.html, list_awskms.html,
# list_amazoncloudwatchlogs.html, list_amazonroute53.html
WITHOUT_RESOURCE = {
    *("acm:RequestCertificate", "cloudwatch:GetMetricStatistics", "cloudwatch:PutMetricData"),
    "iot:DescribeEndpoint",
    # Of a list there is no one group, and of a new key no ARN: its tags, which the condition
    # wants, and its policy (docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html).
    *("kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource", "logs:DescribeLogGroups"),
    *("route53:CreateHealthCheck", "route53:CreateHostedZone"),
    *("acm:ListCertificates", "route53:ListHostedZones"),
    # list_awscloudtrail.html, list_amazondynamodb.html, list_amazonkinesis.html,
    # list_awslambda.html: lists, what is the account's, and what has no ARN before it is made.
    *("cloudtrail:DescribeTrails", "dynamodb:ListStreams", "kinesis:DescribeLimits"),
    "kinesis:UpdateStreamMode",
    *("iot:DescribeEventConfigurations", "iot:UpdateEventConfigurations", "iot:ListTopicRules"),
    *("iot:ListCACertificates", "iot:ListCertificates", "iot:ListPolicies", "iot:ListThings"),
    *("iot:ListThingGroups", "iot:ListThingTypes", "iot:RegisterCACertificate"),
    *("iot:ListAttachedPolicies", "iot:RegisterCertificateWithoutCA"),
    *("iot:List*Certificates", "iot:List*Policies"),
    *(
        "iot:ListPrincipalPolicies",
        "iot:RegisterThing",
        "iot:ListPolicyPrincipals",
        "lambda:CreateEventSourceMapping",
    ),
}
# In a policy that is attached to a resource, "*" is that resource.
RESOURCE_POLICIES = {"aws_kms_key", "aws_s3_bucket_policy", "aws_sns_topic", "aws_sqs_queue"}
# What comes before a name in an ARN; with `*` right behind, every one of the kind is meant.
WHOLE_KINDS = {
    *("", "alarm:", "client/", "function:", "log-group:", "role/", "table/", "topic/"),
    *("topicfilter/", "stream/", "thing/"),
}
# What copies a registry, or lets devices join, makes things of any name (ADR 0022, ADR 0023).
ANY_THING = re.compile(
    r"role/example-dev-(registry|provisioning)-(\?\?-)?\*"
    r"|iot-dev-device-registry-\S+ aws_iam_role_policy\."
)
ATTACHMENT = "aws_iam_role_policy_attachment"
ATTACHMENTS = {
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive",
}
REGION = "aws:RequestedRegion"
POLICY_ARGUMENTS = ("assume_role_policy", "policy", "inline_policy")

PLATFORMS = [
    settings(regions=list(REGIONS), pipeline=PIPELINE, data={"provisioning": JUST_IN_TIME}),
    settings(health={"mode": "shallow"}, zone={"create": True, "delegation": "Z0PARENT"}),
    settings(pipeline=PIPELINE, data={"provisioning": FLEET}),
    settings(pipeline=PIPELINE, zone={"lookup": True}),
]
NAMES = ["deep", "shallow", "fleet", "lookup"]


@dataclass(frozen=True)
class Statement:
    """A statement, and the resource whose policy it is in."""

    where: str
    type: str
    argument: str
    body: dict[str, Any]
    is_in_own_regions: bool

    @property
    def is_regional(self) -> bool:
        return self.is_in_own_regions or REGION in json.dumps(self.body.get("Condition", {}))

    @property
    def actions(self) -> list[str]:
        return listed(self.body["Action"])

    @property
    def allows(self) -> bool:
        return self.body["Effect"] == "Allow"


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def denies_elsewhere(body: dict[str, Any]) -> bool:
    is_all = (body["Effect"], body["Action"], body.get("Resource")) == ("Deny", ["*"], ["*"])
    return is_all and body.get("Condition", {}).keys() == {"StringNotEquals"}


def statements(stacks: dict[str, Template]) -> Iterator[Statement]:
    for stack in stacks.values():
        for block in stack.blocks():
            for argument in POLICY_ARGUMENTS:
                if argument in block.body:
                    where = f"{stack.name} {block.type}.{block.logical_id}"
                    bodies = json.loads(block.body[argument])["Statement"]
                    own_regions = any(map(denies_elsewhere, bodies))
                    for body in bodies:
                        assert "NotAction" not in body, where
                        assert "NotResource" not in body, where
                        yield Statement(where, block.type, argument, body, own_regions)


@pytest.fixture(params=PLATFORMS, ids=NAMES)
def allowed(request: pytest.FixtureRequest, synthesis: Synthesis) -> list[Statement]:
    platform: Settings = request.param
    results = [each for each in statements(synthesis(platform)) if each.allows]
    assert len(results) > 10
    return results


def is_root(statement: Statement) -> bool:
    return statement.body.get("Principal") == {"AWS": "arn:aws:iam::111111111111:root"}


def test_no_policy_allows_all_actions_of_a_service(allowed: list[Statement]) -> None:
    for statement in allowed:
        if statement.type == "aws_kms_key" and is_root(statement):
            continue  # without it nobody could administer the key: KMS's own default
        for action in statement.actions:
            service, _, verb = action.partition(":")
            assert service.replace("-", "").isalnum(), statement.where
            # A family such as kms:GenerateDataKey* is fine, `*` and `Get*` are not.
            assert verb.rstrip("*") not in {"", "Get", "List", "Put", "Create", "Delete"}, action


def test_every_resource_is_named_where_the_service_can_distinguish_resources(
    allowed: list[Statement],
) -> None:
    for statement in allowed:
        if statement.argument == "assume_role_policy" or statement.type in RESOURCE_POLICIES:
            continue
        for resource in listed(statement.body["Resource"]):
            if resource == "*":
                assert set(statement.actions) <= WITHOUT_RESOURCE, statement.where
                assert "Condition" in statement.body or statement.is_regional, statement.where
            else:
                # arn:aws:service:region:account:resource; an expression names one of ours.
                parts = re.sub(r"\$\{[\w.]+\}", "arn:aws:s:r:a:ours", resource).split(":", 5)
                assert len(parts) == 6, statement.where
                if statement.is_regional:
                    parts[3] = ""
                assert "*" not in "".join(parts[:5]), statement.where
                whose = f"{statement.where} {json.dumps(statement.body)}"
                if parts[5] == "thing/*" and ANY_THING.search(whose):
                    continue
                assert parts[5] not in {f"{kind}*" for kind in WHOLE_KINDS}, statement.where


UNCONDITIONAL = ("aws_sns_topic", {"Service": "events.amazonaws.com"})
"""EventBridge publishes to no topic whose policy has a condition for it.

docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html, Amazon SNS permissions.
"""


def test_only_services_of_this_account_may_use_what_a_resource_policy_opens(
    allowed: list[Statement],
) -> None:
    for statement in allowed:
        is_kept = statement.type in RESOURCE_POLICIES and not is_root(statement)
        if is_kept and (statement.type, statement.body["Principal"]) != UNCONDITIONAL:
            condition = json.dumps(statement.body.get("Condition", {}))
            # The data that it encrypts identifies a key's user, or the service that requests it.
            kept = ("aws:SourceAccount", "kms:EncryptionContext:", "kms:ViaService")
            # A source that is named whole names its account.
            named = re.search(
                r'"aws:SourceArn": \["arn:aws:\w+:[a-z0-9-]+:111111111111:', condition
            )
            assert named or any(key in condition for key in kept), statement.where


def test_the_canary_may_publish_to_one_topic_and_write_its_log_and_nothing_else(
    synthesis: Synthesis,
) -> None:
    stack = synthesis(settings())["iot-dev-iot-eu-central-1"]
    policies = stack.resources("aws_iam_role_policy")
    log, publish = json.loads(policies["canary"]["policy"])["Statement"]
    assert log["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert log["Resource"] == "${aws_cloudwatch_log_group.canary.arn}:*"
    assert publish["Action"] == "iot:Publish"
    topic = "arn:aws:iot:eu-central-1:111111111111:topic/iot-dr/dev/canary"
    assert publish["Resource"] == topic


@pytest.mark.parametrize("platform", PLATFORMS, ids=NAMES)
def test_no_role_has_a_policy_that_is_not_written_here(
    platform: Settings, synthesis: Synthesis
) -> None:
    for stack in synthesis(platform).values():
        assert not ATTACHMENTS & {block.type for block in stack.blocks()}
        own = {f"${{aws_iam_policy.{name}.arn}}" for name in stack.resources("aws_iam_policy")}
        attached = [each["policy_arn"] for each in stack.resources(ATTACHMENT).values()]
        assert set(attached) <= own
        for role in stack.resources("aws_iam_role").values():
            assert not {"managed_policy_arns", "inline_policy"} & role.keys()


@pytest.mark.parametrize("platform", PLATFORMS, ids=NAMES)
def test_only_one_service_takes_on_a_role_and_only_one_source_invokes_a_function(
    platform: Settings, synthesis: Synthesis
) -> None:
    for stack in synthesis(platform).values():
        for role in stack.resources("aws_iam_role").values():
            (trust,) = json.loads(role["assume_role_policy"])["Statement"]
            assert trust["Action"] == "sts:AssumeRole"
            service = trust["Principal"]["Service"].removesuffix(".amazonaws.com")
            assert service in {"codebuild", "codepipeline", "iot", "lambda", "s3"}
        for permission in stack.resources("aws_lambda_permission").values():
            assert permission["action"] == "lambda:InvokeFunction"
            source = re.sub(r"\$\{[\w.]+\}", "arn:aws:s:r:a:ours", permission["source_arn"])
            assert source in {"arn:aws:s:r:a:ours/*/GET/health/*", "arn:aws:s:r:a:ours"}
            assert permission["principal"] in {"apigateway.amazonaws.com", "events.amazonaws.com"}


@pytest.mark.parametrize("mode", ["deep", "shallow"])
def test_the_watcher_may_put_and_read_switches_and_publish_only_when_it_has_to(
    mode: str, synthesis: Synthesis
) -> None:
    stack = synthesis(settings(health={"mode": mode}))["iot-dev-entry-point"]
    policy = stack.resources("aws_iam_role_policy")["watcher_eu_central_1"]
    _, *rest = json.loads(policy["policy"])["Statement"]
    *publishing, switch, history, state, register = rest
    assert register["Action"] == ["ssm:GetParameters", "ssm:PutParameter"]
    parameters = "arn:aws:ssm:eu-central-1:111111111111:parameter/iot-dr/example/dev"
    assert register["Resource"] == [f"{parameters}/switch/register/*"]
    assert state["Action"] == "cloudwatch:DescribeAlarms"
    alarms = "arn:aws:cloudwatch:eu-central-1:111111111111:alarm"
    assert state["Resource"] == [f"{alarms}:example-dev-switch-*"]
    assert history["Action"] == "cloudwatch:GetMetricStatistics"
    assert history["Condition"] == {
        "StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}
    }
    assert switch["Action"] == "cloudwatch:PutMetricData"
    assert switch["Condition"] == {"StringEquals": {"cloudwatch:namespace": "IotDr/Switch/dev"}}
    topic = "arn:aws:iot:eu-west-1:111111111111:topic/iot-dr/dev/watcher"
    assert [each["Resource"] for each in publishing] == ([topic] if mode == "deep" else [])


def test_a_watcher_may_read_the_switches_that_it_sets_where_they_are_kept(
    synthesis: Synthesis,
) -> None:
    chosen = settings(regions=list(REGIONS[:4]), primary_region=REGIONS[2])
    policies = synthesis(chosen)["iot-dev-entry-point"].resources("aws_iam_role_policy")
    read = {
        id_: [
            [
                arn.split(":")[3]
                for arn in json.loads(policy["policy"])["Statement"][place]["Resource"]
            ]
            for place in (-2, -1)
        ]
        for id_, policy in policies.items()
        if id_.startswith("watcher_")
    }
    # Of the alarms, and of the registers.
    assert all(alarms == registers for alarms, registers in read.values())
    assert {id_: alarms for id_, (alarms, _) in read.items()} == {
        "watcher_eu_west_1": ["eu-west-1"],
        # It keeps no switch of eu-north-1, the primary.
        "watcher_eu_central_1": ["eu-west-1", "us-east-2", "eu-central-1"],
        "watcher_us_east_2": ["us-east-2", "eu-central-1", "eu-north-1", "eu-west-1"],
    }


def test_a_publisher_may_put_its_environment_s_switches_and_write_no_register(
    synthesis: Synthesis,
) -> None:
    stack = synthesis(settings())["iot-dev-entry-point"]
    policy = stack.resources("aws_iam_role_policy")["publisher_eu_west_1"]
    logs, put, read = json.loads(policy["policy"])["Statement"]
    assert logs["Resource"] == "${aws_cloudwatch_log_group.publisher_eu_west_1.arn}:*"
    assert put["Action"] == "cloudwatch:PutMetricData"
    assert put["Condition"] == {"StringEquals": {"cloudwatch:namespace": "IotDr/Switch/dev"}}
    assert read["Action"] == "ssm:GetParameters"
    assert read["Resource"] == [
        f"arn:aws:ssm:{region}:111111111111:parameter/iot-dr/example/dev/switch/*"
        for region in ("eu-west-1", "eu-central-1")
    ]
