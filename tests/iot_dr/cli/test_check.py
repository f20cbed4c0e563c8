"""`iot-dr check`: what it prints and how it ends, in this process."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from environments.settings import Settings
from iot_dr.cli import check_run
from iot_dr.common.user_error import UsageError
from iot_dr.rules.catalogue import RULES
from stacks.platform_graph import platform_graph
from tests.iot_dr.cli.check_command import PROVIDER, ZONE, check, rows, write
from tests.iot_dr.terraform_json.designs import CASES
from tests.support.settings import settings


def design(**record: Any) -> dict[str, Any]:
    """A failover record without its other side and without a check, unless `record` says more."""
    body = {
        "zone_id": "${aws_route53_zone.zone.zone_id}",
        "name": "mqtt.iot.example.com",
        "type": "CNAME",
        "ttl": 60,
        "records": ["a.example.net"],
        "failover_routing_policy": {"type": "PRIMARY"},
        "provider": "aws.a",
        **record,
    }
    return {"provider": PROVIDER, "resource": {**ZONE, "aws_route53_record": {"device": body}}}


def test_a_sound_design_is_ok_and_exits_0(tmp_path: Path) -> None:
    file = write(tmp_path / "dns.tf.json", {"provider": PROVIDER, "resource": ZONE})
    done = check(file)
    assert done.exit_code == 0
    assert done.stdout == "ok: nothing found; 1 stack, 1 resource\n"


def test_a_blocked_design_exits_1_and_tells_each_finding_below_its_stack(tmp_path: Path) -> None:
    done = check(write(tmp_path / "dns.tf.json", design()))
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "dns"
    leads = ("  block  aws_route53_record.device: ", "  warn   aws_route53_record.device: ")
    assert all(line.startswith(leads) for line in lines[1:-2])
    assert lines[-1] == "block: 1 to mend, 1 to look at; 1 stack, 2 resources"


def test_a_plan_is_judged_like_a_configuration() -> None:
    done = check(CASES / "plan.json", "--json")
    (pair,) = (
        each for each in rows(done)["findings"] if each["rule"] == "failover-pair-incomplete"
    )
    assert pair["address"] == 'aws_route53_record.device["home"]'
    assert pair["stack"] == "plan"


def test_json_tells_verdict_stacks_and_findings(tmp_path: Path) -> None:
    report = rows(check("--json", write(tmp_path / "dns.tf.json", design())))
    assert report["verdict"] == "block"
    assert report["stacks"] == ["dns"]
    assert {tuple(each) for each in report["findings"]} == {
        ("rule", "verdict", "stack", "address", "message")
    }
    assert report["suppressed"] == []


def test_several_files_are_judged_as_one_design(tmp_path: Path) -> None:
    table = {"name": "devices", "provider": "aws.a", "replica": [{"region_name": "eu-central-1"}]}
    document = {"provider": PROVIDER, "resource": {"aws_dynamodb_table": {"t": table}}}
    one, other = (write(tmp_path / f"{name}.tf.json", document) for name in ("one", "other"))
    alone, together = rows(check("--json", one)), rows(check("--json", one, other))
    assert together["stacks"] == ["one", "other"]
    found = [{each["rule"] for each in report["findings"]} for report in (alone, together)]
    assert "global-table-in-two-states" in found[1] - found[0]


def test_characters_that_a_terminal_obeys_are_escaped(tmp_path: Path) -> None:
    document = design(name="mqtt\x1b]0;x\x07\u202e.iot.example.com")
    records = document["resource"]["aws_route53_record"]
    records["\x1b[2J"] = records.pop("device")
    done = check(write(tmp_path / "dns.tf.json", document))
    assert r"aws_route53_record.\u001b[2J" in done.stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)


@pytest.mark.parametrize("content", ["", "{", "resource {}", '{"name": "x"}'])
def test_a_file_that_is_no_terraform_json_is_a_mistake_in_usage(
    content: str, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content)
    done = check(file)
    assert isinstance(done.exception, UsageError)
    assert str(file) in str(done.exception)
    assert done.stdout == ""


def made_by_cdktf(stack: str) -> dict[str, Any]:
    note = {"metadata": {"version": "0.21.0", "stackName": stack}}
    return {"//": note, "provider": PROVIDER, "resource": ZONE}


def endings(result: Result) -> list[str]:
    ends = [line for line in result.stdout.splitlines() if " stack, " in line]
    return [line.partition("resource")[2].lstrip("s") for line in ends]


def test_what_we_synthesized_is_judged_by_the_settings_of_its_environment(tmp_path: Path) -> None:
    for name in ("iot-dev-entry-point", "iot-prod-entry-point", "iot-dev-evil", "theirs"):
        write(tmp_path / "stacks" / name / "cdk.tf.json", made_by_cdktf(name))
    assert "2 stacks, 2 resources\n" in check(tmp_path).stdout
    assert endings(check(tmp_path)) == [" by the settings of dev", " by the settings of prod"]


def test_a_file_that_is_only_called_like_one_of_ours_is_judged_by_no_settings(
    tmp_path: Path,
) -> None:
    document = {"provider": PROVIDER, "resource": ZONE}
    write(tmp_path / "iot-dev-entry-point.tf.json", document)
    assert endings(check(tmp_path)) == [""]
    write(tmp_path / "a" / "iot-dev-entry-point" / "cdk.tf.json", document)
    assert endings(check(tmp_path / "a")) == [""]


def with_suppression(monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = settings(suppressions=[{"rule": "failover-record-at-apex", "reason": "old"}])

    def load(_name: str) -> Settings:
        return accepted

    monkeypatch.setattr(check_run, "load", load)


def test_a_suppression_is_unused_only_where_no_stack_of_the_environment_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_suppression(monkeypatch)
    nodes = [node.name for node in platform_graph(settings()).nodes]
    for name in nodes[1:]:
        write(tmp_path / name / "cdk.tf.json", {"//": made_by_cdktf(name)["//"], "locals": {}})
    assert "unused-suppression" not in check(tmp_path).stdout
    name = nodes[0]
    write(tmp_path / name / "cdk.tf.json", {"//": made_by_cdktf(name)["//"], "locals": {}})
    assert "unused-suppression" in check(tmp_path).stdout


@pytest.mark.parametrize("make", ["loop", "long", "absent"])
def test_a_path_that_the_system_refuses_is_a_mistake_in_usage(make: str, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    done = check(tmp_path / {"long": "a" * 5000}.get(make, make))
    assert isinstance(done.exception, UsageError)
    assert "cannot be read" in str(done.exception)


def test_env_names_the_settings_to_judge_foreign_stacks_by(tmp_path: Path) -> None:
    file = write(tmp_path / "theirs.json", {"format_version": "1.0"})
    assert "by the settings of prod" in check(file, "--env", "prod").stdout


def test_the_rules_are_listed_with_title_why_and_source() -> None:
    done = check("--rules")
    assert done.exit_code == 0
    listed = rows(check("--rules", "--json"))
    assert [each["id"] for each in listed] == [rule.id for rule in RULES]
    for each in listed:
        for part in ("id", "title", "why", "source"):
            assert each[part] in done.stdout
