"""How many are subscribed to a topic of alarms."""

from typing import Any, cast

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.status.subscriptions import Subscriptions, alarm_topics, subscriptions
from tests.iot_dr.observe.status.world import SETTINGS


class Sns:
    """SNS with a list of subscriptions; moto knows neither pending nor cancelled ones."""

    def __init__(self, *arns: str) -> None:
        self.arns = arns

    def call(self, *asked: str, TopicArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert asked == ("sns", "eu-west-1", "list_subscriptions_by_topic")
        assert TopicArn == "arn:aws:sns:eu-west-1:111111111111:example-dev-alarms"
        return {"Subscriptions": [{"SubscriptionArn": each} for each in self.arns]}


def test_those_that_were_cancelled_count_neither_as_confirmed_nor_as_pending() -> None:
    sns = Sns("arn:aws:sns:eu-west-1:111111111111:a:1", "PendingConfirmation", "Deleted")
    counted = subscriptions(cast("Clients", sns), alarm_topics(SETTINGS)[0], SETTINGS.account_id)
    assert counted == Subscriptions(confirmed=1, pending=1)
