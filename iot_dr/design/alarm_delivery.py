"""Topics that do not accept what the alarms that notify them publish.

repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
"""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.permissions import statements_of
from iot_dr.design.policy import ApiCall
from iot_dr.design.service_access import is_refused, key_problem
from iot_dr.terraform_json.argument import resolved_template
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

ACTIONS: Final = ("alarm_actions", "ok_actions")

_CLOUDWATCH: Final = "cloudwatch.amazonaws.com"


def delivery_deviations(resources: ResourceSet, alarm: Resource) -> Iterator[str]:
    """Yield a sentence for each topic of an alarm that its messages do not reach."""
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
    context = {"aws:SourceArn": source}
    topic_name = resolved_template(resources, topic, topic.values.get("name"))
    publish = ApiCall("sns:Publish", f"arn:aws:sns:{topic.region}::{topic_name}", context)
    policy = statements_of(resources, topic, topic.values.get("policy"))
    if policy is not None and is_refused(policy, publish, _CLOUDWATCH):
        return f"its policy does not let {_CLOUDWATCH} publish"
    return key_problem(resources, topic, _CLOUDWATCH, context)
