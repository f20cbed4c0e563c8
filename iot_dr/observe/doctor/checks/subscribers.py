"""Subscribers of the alarm topics, without whom an alarm notifies nobody."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.observe.doctor.account import Account, together
from iot_dr.observe.doctor.finding import AccountFinding, later, missing, ok
from iot_dr.observe.status.subscriptions import (
    AlarmTopicName,
    alarm_topics,
    subscribe_command,
    subscriptions,
)

# docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
_NO_TOPIC: Final = frozenset(("NotFound", "NotFoundException"))


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield the number of each topic's subscribers."""
    topics = alarm_topics(account.settings)
    return together(
        {(topic.region, topic.name): partial(_of_topic, account, topic) for topic in topics}
    )


def _of_topic(account: Account, topic: AlarmTopicName) -> Iterator[AccountFinding]:
    account_id = account.settings.account_id
    try:
        counted = subscriptions(account.clients, topic, account_id)
    except RequestRefusedError as error:
        if error.code not in _NO_TOPIC:
            raise
        yield later(f"the topic {topic.name}; then subscribe somebody to it", region=topic.region)
        return
    if counted.confirmed:
        yield ok(f"{topic.name} has {counted.confirmed}", topic.region)
    elif counted.pending:
        yield missing(
            f"{topic.name}: nobody has confirmed a subscription",
            "follow the link in the e-mail that AWS sent",
            region=topic.region,
        )
    else:
        yield missing(
            f"{topic.name}: nobody is notified of an alarm",
            "subscribe somebody",
            subscribe_command(topic, account_id),
            region=topic.region,
        )
