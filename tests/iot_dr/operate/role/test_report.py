"""What `iot-dr role plan` prints."""

from dataclasses import replace

from iot_dr.cli.role import RoleReport
from iot_dr.operate.role.change_of_primary import ChangeOfPrimary
from iot_dr.terraform_json.provider_choice import Provider
from tests.iot_dr.operate.role.plans import change_of, entry
from tests.support.settings import REGIONS, settings

THREE = list(REGIONS[:3])
CHANGE = change_of(settings(regions=THREE), settings(regions=THREE, primary_region="eu-north-1"))
STRAY = entry("aws_sns_topic", "alarms", {"name": "a"}, {"name": "b"})


def text(change: ChangeOfPrimary, provider: Provider = Provider.STANDIN) -> str:
    return RoleReport(change, provider, 2.34).text()


def test_nested_names_are_reported_with_what_stays_and_what_changes() -> None:
    lines = [" ".join(line.split()) for line in text(CHANGE).splitlines()]
    assert "dev: primary eu-west-1 -> eu-north-1" in lines
    nested = "mqtt-standby-1.iot-dev.example.com"
    assert f"mqtt.iot-dev.example.com SECONDARY {nested} target health of {nested}" in lines
    assert (
        f"{nested} PRIMARY eu-central-1 -> eu-west-1"
        " TCP and switch of eu-central-1 -> TCP and switch of eu-west-1"
    ) in lines
    assert (
        f"{nested} SECONDARY eu-north-1 -> eu-central-1 TCP of eu-north-1 -> TCP of eu-central-1"
    ) in lines
    result = " ".join(lines)
    assert (
        "Records evaluate those of eu-west-1 and eu-central-1 now, and of eu-north-1 and" in result
    )


def test_on_aws_the_commands_name_aws_and_no_base() -> None:
    lines = [line.strip() for line in text(CHANGE, Provider.AWS).splitlines()]
    assert "iot-dr plan --env dev --provider aws" in lines
    assert "iot-dr deploy --env dev --provider aws" in lines
    assert "iot-dr role plan --to eu-west-1 --env dev --provider aws" in lines
    assert "--base" not in " ".join(lines)


def test_what_is_applied_and_not_what_the_file_says_is_reported() -> None:
    then = CHANGE.then
    done = replace(change_of(then, then), now=CHANGE.now)
    assert "The applied records already lead to eu-north-1." in text(done, Provider.AWS)
    other = settings(regions=THREE, primary_region="eu-central-1")
    drifted = replace(change_of(other, then), now=CHANGE.now)
    message = "The applied records lead to eu-central-1, not to eu-west-1."
    assert message in text(drifted, Provider.AWS)


def test_what_is_refused_is_reported_without_the_commands() -> None:
    refused = change_of(CHANGE.now, CHANGE.then, STRAY)
    assert "To change the primary" not in text(refused)
    report = RoleReport(refused, Provider.AWS, 1)
    assert report.document()["verdict"] == "block"
    sentence, stray, advice = report.refusal.splitlines()
    assert sentence == "Refused: more than the entry point's records and watcher would change."
    assert stray == "  iot-dev-entry-point: update aws_sns_topic.alarms"
    assert advice.startswith("Something is not applied yet: with primary_region eu-west-1, deploy")


def test_a_changed_output_is_not_a_stack_with_nothing_to_do() -> None:
    handed = {"zone_id": {"actions": ["update"], "before": "a", "after": "b"}}
    change = change_of(CHANGE.now, CHANGE.then, elsewhere={"output_changes": handed})
    assert "  iot-dev-hosted-zone: outputs: 1 to update" in text(change).splitlines()
