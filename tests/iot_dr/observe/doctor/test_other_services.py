"""Services of regions, service-linked roles, connections and subscribers."""

import pytest

from iot_dr.observe.doctor.checks import connections, linked_roles, services, subscribers
from tests.iot_dr.observe.doctor.world import (
    CENTRAL,
    WEST,
    Answer,
    World,
    only,
    refusal,
    statuses,
)
from tests.support.pipeline import PIPELINE
from tests.support.settings import settings, with_data
from tests.support.synthesis import Synthesis

US = "us-east-1"


def test_services_that_aws_lists_for_a_region_are_there(synthesis: Synthesis) -> None:
    asked: list[str] = []

    def listed(Names: list[str]) -> dict[str, list[str]]:  # noqa: N803 - boto3's name
        assert len(Names) <= 10
        asked.extend(Names)
        return {
            "InvalidParameters": [each for each in Names if each.endswith("central-1/services/iot")]
        }

    findings = list(services.examine(World({"get_parameters": listed}).account(synthesis)))
    assert statuses(findings) == [(WEST, "ok"), (CENTRAL, "missing")]
    assert findings[1].message == "AWS does not list these services there: iot"
    assert f"/aws/service/global-infrastructure/regions/{WEST}/services/lambda" in asked


def test_regions_without_the_parameters_are_looked_up_in_us_east_1(synthesis: Synthesis) -> None:
    south = ["eu-south-1", "eu-south-2"]
    chosen = settings(regions=south, home_region=south[0], primary_region=south[0])
    listed: dict[str | tuple[str, str], Answer] = {
        ("get_parameters", US): {"InvalidParameters": []}
    }
    findings = services.examine(World(listed, settings=chosen).account(synthesis))
    assert statuses(findings) == [(south[0], "ok"), (south[1], "ok")]


NO_ROLE = refusal("NoSuchEntity", status=404)


@pytest.mark.parametrize(("answer", "status"), [({}, "ok"), (NO_ROLE, "later")])
def test_tables_with_replicas_need_a_role_of_dynamodb(
    synthesis: Synthesis, answer: Answer, status: str
) -> None:
    world = World({"get_role": answer}, settings=with_data(settings()))
    finding = only(linked_roles.examine(world.account(synthesis)))
    assert finding.status == status
    assert "AWSServiceRoleForDynamoDBReplication" in finding.message
    if status == "later":
        assert finding.commands == (
            (
                "aws iam create-service-linked-role --aws-service-name"
                " replication.dynamodb.amazonaws.com"
            ),
        )


def test_without_tables_no_role_is_needed(synthesis: Synthesis) -> None:
    assert only(linked_roles.examine(World({}).account(synthesis))).status == "ok"


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ({"Connection": {"ConnectionStatus": "AVAILABLE"}}, "ok", "available"),
        ({"Connection": {"ConnectionStatus": "PENDING"}}, "missing", "is PENDING"),
        (refusal("ResourceNotFoundException"), "missing", "does not exist"),
        (refusal("AccessDeniedException"), "unknown", "codeconnections:GetConnection"),
    ],
    ids=["available", "pending", "none", "denied"],
)
def test_a_connection_must_be_available(answer: Answer, status: str, words: str) -> None:
    world = World({"get_connection": answer}, settings=settings(pipeline=PIPELINE))
    findings = list(connections.examine(world.account()))
    assert [finding.status for finding in findings] == [status] * 2
    assert all(words in finding.message for finding in findings)
    assert not any(finding.blocks for finding in findings)


def test_without_a_pipeline_no_connection_is_needed() -> None:
    assert only(connections.examine(World({}).account())).status == "ok"


def subscribed(*arns: str) -> dict[str, list[dict[str, str]]]:
    return {"Subscriptions": [{"SubscriptionArn": each} for each in arns]}


def test_each_topic_needs_a_confirmed_subscriber() -> None:
    world = World(
        {
            ("list_subscriptions_by_topic", WEST): subscribed("arn:aws:sns:eu-west-1:1:a:1"),
            ("list_subscriptions_by_topic", CENTRAL): subscribed("PendingConfirmation"),
            ("list_subscriptions_by_topic", US): subscribed(),
        }
    )
    findings = list(subscribers.examine(world.account()))
    assert statuses(findings) == [(WEST, "ok"), (CENTRAL, "missing"), (US, "missing")]
    assert "confirmed" in findings[1].message
    assert findings[2].commands[0].startswith("aws sns subscribe --region us-east-1 --topic-arn")


def test_topics_that_do_not_exist_yet_come_with_a_deploy() -> None:
    world = World({"list_subscriptions_by_topic": refusal("NotFound", status=404)})
    findings = subscribers.examine(world.account())
    assert [finding.status for finding in findings] == ["later"] * 3
