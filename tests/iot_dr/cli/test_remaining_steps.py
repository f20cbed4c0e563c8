"""What is left to do after a deploy."""

from dataclasses import replace

from iot_dr.cli.remaining_steps import remaining_steps
from iot_dr.observe.status.endpoint import Endpoint
from iot_dr.observe.status.subscriptions import Subscriptions
from tests.iot_dr.observe.status.reports import blind_report, report, well
from tests.iot_dr.observe.status.world import WEST


def test_when_all_is_well_nothing_is_left() -> None:
    assert remaining_steps(report()) == ()


def test_what_cannot_be_seen_is_named_and_not_taken_for_done() -> None:
    (step,) = remaining_steps(blind_report())
    assert step == (
        "Not checked, for the reasons above: what eu-west-1 serves, what eu-central-1 serves, the"
        " switch of eu-west-1, the switch of eu-central-1, who is subscribed to example-dev-alarms"
        " in eu-west-1, who is subscribed to example-dev-alarms in eu-central-1, who is subscribed"
        " to example-dev-health-checks in us-east-1."
    )


def test_a_name_that_is_not_served_yet_is_waited_for() -> None:
    unserved = replace(
        well(WEST), endpoint=Endpoint(address="192.0.2.1", problem="for another name")
    )
    (step,) = remaining_steps(report(unserved))
    assert step == (
        "eu-west-1: mqtt-eu-west-1.iot-dev.example.com is not served yet (for another name); AWS"
        " IoT takes up to 60 minutes. Look: iot-dr status --env dev"
    )


def test_a_switch_that_is_put_is_to_be_put_back() -> None:
    (step,) = remaining_steps(report(replace(well(WEST), switch="ALARM")))
    assert "iot-dr switch back eu-west-1 --env dev --reason TEXT" in step


def test_a_topic_without_a_confirmed_subscription_is_to_be_subscribed_to() -> None:
    seen = report()
    first, second, third = seen.subscriptions
    counts = {
        first: Subscriptions(confirmed=0, pending=0),
        second: Subscriptions(confirmed=0, pending=2),
        third: Subscriptions(confirmed=1, pending=1),
    }
    nobody, pending = remaining_steps(replace(seen, subscriptions=counts))
    assert nobody == (
        "eu-west-1: nobody is notified of the alarms of example-dev-alarms: aws sns subscribe"
        " --region eu-west-1 --topic-arn arn:aws:sns:eu-west-1:111111111111:example-dev-alarms"
        " --protocol email --notification-endpoint ADDRESS"
    )
    assert pending == (
        "eu-central-1: confirm a subscription of example-dev-alarms, by the e-mail from AWS"
    )
