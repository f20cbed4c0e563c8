from typing import Any, Final

import pytest

from tests.iot_dr.emit.variables.judge import Judge
from tests.iot_dr.emit.variables.module_cases import (
    ACCOUNT,
    ModuleCase,
    module_cases,
    refusals,
    right_call,
    sentences_by_variable,
    served,
    variables,
)

MEMBERS: Final = ("region", "regional_name", "deep_check_id", "alarm_topic_arn")
LACKS: Final = f"lacks a member; expected {', '.join(MEMBERS)}"
REGION: Final = "is wrong: region is not one with IoT Core"
NAME: Final = "is wrong: regional_name is not the region's own, {label}-{region}.{zone}, or no name"
CHECK: Final = (
    "is wrong: deep_check_id is not the id of a health check, an output of the module canary"
)
TOPIC: Final = (
    "is wrong: alarm_topic_arn is not a topic of the region, an output of the module"
    " regional-endpoint"
)
SAME_REGION: Final = "standby has the region of primary; expected another one"
SAME_CHECK: Final = "standby has the deep_check_id of primary; expected that of its own canary"
RIGHT: Final = {"primary": served("eu-west-1", 1), "standby": served("eu-central-1", 2)}


def changed(place: str, **members: str | None) -> dict[str, dict[str, Any]]:
    return {place: {**RIGHT[place], **members}}


def about(place: str) -> tuple[tuple[Any, ...], ...]:
    other = RIGHT["standby" if place == "primary" else "primary"]
    region = RIGHT[place]["region"]
    topic = f"arn:aws:sns:{region}:{ACCOUNT}:"
    return (
        *((changed(place, **{member: None}), f"{place} {LACKS}") for member in MEMBERS),
        (changed(place, **dict.fromkeys(MEMBERS)), f"{place} {LACKS}"),
        ({place: served("us-east-1", 3)},),
        ({place: served("eu-west-4", 3)}, f"{place} {REGION}"),
        ({place: served("", 3)}, f"{place} {REGION}"),
        (changed(place, region="us-east-1"), f"{place} {NAME}", f"{place} {TOPIC}"),
        (changed(place, regional_name=other["regional_name"]), f"{place} {NAME}"),
        (changed(place, regional_name="mqtt.iot-dev.example.com"), f"{place} {NAME}"),
        (changed(place, regional_name=f"iot-{region}.iot-dev.example.com"), f"{place} {NAME}"),
        (changed(place, regional_name=f"mqtt-{region}.iot-prod.example.com"), f"{place} {NAME}"),
        (changed(place, regional_name=f"mqtt-{region}.iot-dev.example.org"), f"{place} {NAME}"),
        (changed(place, regional_name=""), f"{place} {NAME}"),
        (changed(place, deep_check_id="abcdef01-2345-6789-abcd-ef0123456789"),),
        (changed(place, deep_check_id=""), f"{place} {CHECK}"),
        (changed(place, deep_check_id="0" * 32), f"{place} {CHECK}"),
        (changed(place, deep_check_id=f"0{other['deep_check_id']}"), f"{place} {CHECK}"),
        (changed(place, deep_check_id=f"{other['deep_check_id']}0"), f"{place} {CHECK}"),
        (changed(place, deep_check_id="ABCDEF01-2345-6789-ABCD-EF0123456789"), f"{place} {CHECK}"),
        (changed(place, alarm_topic_arn=f"{topic}other"),),
        (changed(place, alarm_topic_arn=other["alarm_topic_arn"]), f"{place} {TOPIC}"),
        (changed(place, alarm_topic_arn=topic), f"{place} {TOPIC}"),
        (changed(place, alarm_topic_arn=f"{topic}alarms:1"), f"{place} {TOPIC}"),
        (changed(place, alarm_topic_arn=""), f"{place} {TOPIC}"),
    )


CASES: Final = module_cases(
    {
        "entry-point": (
            ({},),
            *about("primary"),
            *about("standby"),
            ({"primary": RIGHT["standby"], "standby": RIGHT["primary"]},),
            *(
                (change, f"primary {NAME}", f"standby {NAME}")
                for change in ({"label": "iot"}, {"environment": "prod"}, {"domain": "example.org"})
            ),
            ({"standby": served("eu-west-1", 2)}, SAME_REGION),
            ({"standby": served("eu-central-1", 1)}, SAME_CHECK),
            ({"standby": RIGHT["primary"]}, SAME_REGION, SAME_CHECK),
        )
    }
)


@pytest.fixture(scope="module")
def said(judge: Judge) -> dict[ModuleCase, tuple[str, ...]]:
    return refusals(judge, CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_region_that_breaks_a_rule_is_refused_and_another_accepted(
    case: ModuleCase, said: dict[ModuleCase, tuple[str, ...]]
) -> None:
    assert said[case] == case.refusals


def test_there_is_a_case_for_all_that_can_be_said_of_a_region() -> None:
    said_of = sentences_by_variable()
    of_regions = said_of["primary"] | said_of["standby"]
    assert of_regions - {sentence for case in CASES for sentence in case.refusals} == set()


def test_a_plan_shows_a_region_without_any_member_in_one_sentence(judge: Judge) -> None:
    nothing = dict.fromkeys(MEMBERS)
    call = {**right_call("entry-point"), "primary": nothing, "standby": nothing}
    # While one region is wrong, Terraform does not compare the other one with it.
    assert judge.refusals(variables("entry-point"), call) == [f"The value of primary {LACKS}."]
