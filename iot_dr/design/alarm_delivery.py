"""Topics that do not accept what the alarms that notify them publish.

repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger,
docs.aws.amazon.com/sns/latest/dg/sns-key-management.html (compatibility with event sources).
"""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.policy import Call, Grants, Policy
from iot_dr.terraform_json.argument import resolved_template
from iot_dr.terraform_json.expression import has_expression, texts
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.policy_statements import statements
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

ACTIONS: Final = ("alarm_actions", "ok_actions")

_CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
_KEY_OF_AWS: Final = "alias/aws/sns"
KEY_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey")
"""What a service does with the key of a topic or queue that it sends to."""


def delivery_deviations(resources: ResourceSet, alarm: Resource) -> Iterator[str]:
    """Yield each topic of an alarm that gets no message of it."""
    for action in dict.fromkeys(each for key in ACTIONS for each in texts(alarm.values.get(key))):
        topic = resources.referenced(alarm, action, "aws_sns_topic")
        if topic is None:
            continue
        if alarm.region and topic.region not in {alarm.region, None}:
            yield (
                f"{alarm.address} notifies a topic in {topic.region}, and usually one in"
                f" {alarm.region}"
            )
        elif problem := _problem(resources, alarm, topic):
            yield f"{alarm.address} does not reach {topic.address}: {problem}"


def _problem(resources: ResourceSet, alarm: Resource, topic: Resource) -> str:
    """Return why a topic accepts no message of an alarm, empty if it may."""
    name = resolved_template(resources, alarm, alarm.values.get("alarm_name"))
    # Operators for texts compare the account too, which is not known.
    source = f"arn:aws:cloudwatch:{alarm.region}:${{account}}:alarm:{name}"
    context = {"aws:SourceArn": source, "aws:SecureTransport": "true"}
    topic_name = resolved_template(resources, topic, topic.values.get("name"))
    publish = Call("sns:Publish", f"arn:aws:sns:{topic.region}::{topic_name}", context)
    if not _lets(resources, topic, publish):
        return "its policy does not let CloudWatch publish"
    key_id = topic.values.get("kms_master_key_id")
    if str(resources.resolve(topic, key_id)).endswith(_KEY_OF_AWS):
        return f"CloudWatch may not use {_KEY_OF_AWS}, a key of AWS; use one with a policy"
    key = resources.referenced(topic, key_id, "aws_kms_key")
    for action in KEY_ACTIONS if key else ():
        if key and not _lets(resources, key, Call(action, "*", context)):
            return f"the policy of {key.address} does not let CloudWatch {action}"
    return ""


def _lets(resources: ResourceSet, resource: Resource, call: Call) -> bool:
    """Whether a topic's or a key's policy may let CloudWatch make a call; unknown ones may."""
    policy = resources.resolve(resource, resource.values.get("policy"))
    known = statements(policy) if isinstance(policy, str) else None
    return Grants((_of_cloudwatch(known),)).access(call) != "denied"


def _of_cloudwatch(policy: Policy) -> Policy:
    """Return the statements of a policy that are about CloudWatch, without their principals."""
    return (
        None
        if policy is None
        else tuple(
            {element: statement[element] for element in statement if element != "Principal"}
            for statement in policy
            if "NotPrincipal" in statement or _is_cloudwatch(statement.get("Principal"))
        )
    )


def _is_cloudwatch(principal: Json) -> bool:
    """Whether a principal includes CloudWatch; everyone does.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    (`{"AWS": "*"}` is `"*"`), docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    (alarms of another account).
    """
    by_kind = {"AWS": principal} if isinstance(principal, str) else mapping(principal)
    if "*" in texts(by_kind.get("AWS")):
        return True
    services = texts(by_kind.get("Service"))
    return any(has_expression(each) or each == _CLOUDWATCH for each in services)
