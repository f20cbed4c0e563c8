"""`iot-dr check`: what it prints and how it ends, in this process."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from iot_dr.cli import app
from iot_dr.rules.catalogue import RULES
from iot_dr.user_error import UsageError
from tests.iot_dr.resources.designs import CASES

ZONE = {"aws_route53_zone": {"zone": {"name": "iot.example.com", "provider": "aws.a"}}}
PROVIDER = {"aws": [{"alias": "a", "region": "eu-west-1"}]}


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


def write(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)], env={"ENV": ""})


def rows(result: Result) -> Any:
    return json.loads(result.stdout)


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
    assert all(line.startswith("  block  aws_route53_record.device: ") for line in lines[1:-2])
    assert lines[-1].startswith("block: 2 to mend; 1 stack, 2 resources")


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


def test_stacks_called_as_ours_are_judged_by_their_environments_settings(tmp_path: Path) -> None:
    write(tmp_path / "iot-dev-entry-point.json", {"format_version": "1.0"})
    write(tmp_path / "iot-prod-entry-point.json", {"format_version": "1.0"})
    write(tmp_path / "theirs.json", {"format_version": "1.0"})
    ends = [line for line in check(tmp_path).stdout.splitlines() if " stack, " in line]
    assert [line.partition("resources")[2] for line in ends] == [
        " by the settings of dev",
        " by the settings of prod",
        "",
    ]


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
