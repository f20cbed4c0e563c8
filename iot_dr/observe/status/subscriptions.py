"""Subscriptions to the SNS topics of an environment's alarms."""

from dataclasses import dataclass

from environments.settings import Settings
from iot_dr.observe.aws.clients import Clients
from modules.global_region import GLOBAL_REGION
from modules.monitoring_names import checks_topic_name, region_topic_name
from stacks.stack_context import stack_context


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmTopicName:
    """An SNS topic by its region and name."""

    region: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """Numbers of a topic's confirmed subscriptions, and of those that await confirmation."""

    confirmed: int
    pending: int


def alarm_topics(settings: Settings) -> tuple[AlarmTopicName, ...]:
    """Return the topic of each region's alarms, and that of the health checks' alarms."""
    context = stack_context(settings, GLOBAL_REGION)
    name = region_topic_name(context)
    return (
        *(AlarmTopicName(region=region, name=name) for region in settings.regions),
        AlarmTopicName(region=GLOBAL_REGION, name=checks_topic_name(context)),
    )


def subscribe_command(topic: AlarmTopicName, account_id: str) -> str:
    """Return the command that subscribes an e-mail address, which has to confirm."""
    return (
        f"aws sns subscribe --region {topic.region} --topic-arn {_arn(topic, account_id)}"
        " --protocol email --notification-endpoint ADDRESS"
    )


def subscriptions(clients: Clients, topic: AlarmTopicName, account_id: str) -> Subscriptions:
    """Count the subscriptions on the first page of SNS's list, which has up to 100.

    Raises AwsError if SNS does not answer, or has no such topic. Source:
    docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html.
    """
    arn = _arn(topic, account_id)
    answer = clients.call("sns", topic.region, "list_subscriptions_by_topic", TopicArn=arn)
    # A cancelled subscription stays in the list for a while, as Deleted.
    arns = [each["SubscriptionArn"] for each in answer["Subscriptions"]]
    return Subscriptions(
        confirmed=sum(each.startswith("arn:") for each in arns),
        pending=arns.count("PendingConfirmation"),
    )


def _arn(topic: AlarmTopicName, account_id: str) -> str:
    return f"arn:aws:sns:{topic.region}:{account_id}:{topic.name}"
