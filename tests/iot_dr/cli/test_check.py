"""`iot-dr check`: what it prints, what it cannot judge and how it ends, in this process."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from iot_dr.cli import check as command
from iot_dr.common.user_error import UsageError
from iot_dr.rules.catalogue import RULES
from stacks.platform_graph import platform_graph
from tests.environments.files import VALID, project_with
from tests.iot_dr.prover.test_hand_written import design as failover_pair
from tests.iot_dr.terraform_json.designs import CASES
from tests.support.command import iot_dr_here
from tests.support.json_output import result_of
from tests.support.settings import settings

ZONE = {"aws_route53_zone": {"zone": {"name": "iot.example.com", "provider": "aws.a"}}}
PROVIDER = {"aws": [{"alias": "a", "region": "eu-west-1"}]}


def write(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def check(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(command.check)
    return CliRunner().invoke(app, [*map(str, arguments)], env={"ENV": ""})


def rows(result: Result) -> Any:
    return result_of(result.stdout)


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
    done = check(write(tmp_path / "dns.tf.json", failover_pair()))
    assert done.exit_code == 0
    assert done.stdout == "ok: no findings; 1 stack, 11 resources\n"


def test_a_design_without_a_failover_is_not_judged_and_never_ok(tmp_path: Path) -> None:
    file = write(tmp_path / "dns.tf.json", {"provider": PROVIDER, "resource": ZONE})
    done = check(file)
    assert done.exit_code == 0
    note = "not checked: no record has a failover policy, so no failover is judged"
    assert done.stdout == f"{note}\n\nnot judged: no findings; 1 stack, 1 resource\n"
    report = rows(check(file, "--json"))
    assert (report["verdict"], report["notes"]) == ("not judged", [note])


def test_failovers_that_are_not_judged_are_listed(tmp_path: Path) -> None:
    document = failover_pair()
    for record in document["resource"]["aws_route53_record"].values():
        if "failover_routing_policy" in record:
            record["name"] = "${each.value}"
    done = check(write(tmp_path / "dns.tf.json", document))
    assert done.exit_code == 0
    for id_ in ("west", "central"):
        name = f"the name of aws_route53_record.{id_}"
        assert f"not checked: {name} is not known, so its failover is not judged" in done.stdout
    assert "ok: no findings (not everything was checked)" in done.stdout


def test_a_blocked_design_exits_1_and_lists_findings_by_stack(tmp_path: Path) -> None:
    done = check(write(tmp_path / "dns.tf.json", design()))
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "dns"
    leads = ("  block  aws_route53_record.device: ", "  warn   aws_route53_record.device: ")
    assert all(line.startswith(leads) for line in lines[1:-2])
    assert lines[-1] == "block: 1 error, 1 warning; 1 stack, 2 resources"


def test_a_plan_is_checked_like_a_configuration() -> None:
    done = check(CASES / "plan.json", "--json")
    (pair,) = (
        each for each in rows(done)["findings"] if each["rule"] == "failover-pair-incomplete"
    )
    assert pair["address"] == 'aws_route53_record.device["home"]'
    assert pair["stack"] == "plan"


def test_json_has_verdict_stacks_and_findings(tmp_path: Path) -> None:
    report = rows(check("--json", write(tmp_path / "dns.tf.json", design())))
    assert report["verdict"] == "block"
    assert report["stacks"] == ["dns"]
    assert {tuple(each) for each in report["findings"]} == {
        ("rule", "verdict", "stack", "address", "message")
    }
    assert report["suppressed"] == []


def test_several_files_are_checked_as_one_design(tmp_path: Path) -> None:
    table = {"name": "devices", "provider": "aws.a", "replica": [{"region_name": "eu-central-1"}]}
    document = {"provider": PROVIDER, "resource": {"aws_dynamodb_table": {"t": table}}}
    first, second = (write(tmp_path / f"{name}.tf.json", document) for name in ("one", "other"))
    alone, together = rows(check("--json", first)), rows(check("--json", first, second))
    assert together["stacks"] == ["one", "other"]
    result = [{each["rule"] for each in report["findings"]} for report in (alone, together)]
    assert "global-table-in-two-states" in result[1] - result[0]


def test_characters_that_a_terminal_obeys_are_escaped(tmp_path: Path) -> None:
    document = design(name="mqtt\x1b]0;x\x07\u202e.iot.example.com")
    records = document["resource"]["aws_route53_record"]
    records["\x1b[2J"] = records.pop("device")
    done = check(write(tmp_path / "dns.tf.json", document))
    assert r"aws_route53_record.\u001b[2J" in done.stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)


@pytest.mark.parametrize("content", ["", "{", "resource {}", '{"name": "x"}'])
def test_a_file_that_is_not_terraform_json_is_a_usage_error(content: str, tmp_path: Path) -> None:
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


def test_synthesized_stacks_are_checked_with_the_settings_of_their_environment(
    tmp_path: Path,
) -> None:
    for name in ("iot-dev-entry-point", "iot-prod-entry-point", "iot-dev-evil", "theirs"):
        write(tmp_path / "stacks" / name / "cdk.tf.json", made_by_cdktf(name))
    assert "2 stacks, 2 resources\n" in check(tmp_path).stdout
    assert endings(check(tmp_path)) == [" with the settings of dev", " with the settings of prod"]


def test_a_file_only_named_like_a_stack_is_checked_without_settings(
    tmp_path: Path,
) -> None:
    document = {"provider": PROVIDER, "resource": ZONE}
    write(tmp_path / "iot-dev-entry-point.tf.json", document)
    assert endings(check(tmp_path)) == [""]
    write(tmp_path / "a" / "iot-dev-entry-point" / "cdk.tf.json", document)
    assert endings(check(tmp_path / "a")) == [""]


def test_a_suppression_is_unused_only_where_no_stack_of_the_environment_is_missing(
    tmp_path: Path,
) -> None:
    accepted = "suppressions: [{rule: failover-record-at-apex, reason: old}]"
    project = project_with(tmp_path / "project", dev=f"{VALID}{accepted}\n")
    stacks = tmp_path / "stacks"
    first, *standbys = [node.name for node in platform_graph(settings()).nodes]

    def unused() -> bool:
        done = iot_dr_here("check", str(stacks), cwd=project)
        return "unused-suppression" in done.stdout

    for name in standbys:
        write(stacks / name / "cdk.tf.json", {"//": made_by_cdktf(name)["//"], "locals": {}})
    assert not unused()
    write(stacks / first / "cdk.tf.json", {"//": made_by_cdktf(first)["//"], "locals": {}})
    assert unused()


@pytest.mark.parametrize("make", ["loop", "long", "absent"])
def test_a_path_that_the_system_refuses_is_a_mistake_in_usage(make: str, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    done = check(tmp_path / {"long": "a" * 5000}.get(make, make))
    assert isinstance(done.exception, UsageError)
    assert "cannot be read" in str(done.exception)


def test_env_names_the_settings_to_judge_foreign_stacks_by(tmp_path: Path) -> None:
    file = write(tmp_path / "theirs.json", {"format_version": "1.0"})
    assert "with the settings of prod" in check(file, "--env", "prod").stdout


def test_the_rules_are_listed_with_title_why_and_source() -> None:
    done = check("--rules")
    assert done.exit_code == 0
    listed = rows(check("--rules", "--json"))
    assert [each["id"] for each in listed] == [rule.id for rule in RULES]
    for row in listed:
        for part in ("id", "title", "why", "source"):
            assert row[part] in done.stdout


def test_unchecked_parts_are_reported_and_never_a_plain_ok(tmp_path: Path) -> None:
    file = write(tmp_path / "a.tf.json", {"module": {"dr": {"source": "./dr"}}})
    (tmp_path / "main.tf").write_text("locals {}")
    write(tmp_path / "plan.json", {})
    done, report = check(tmp_path), rows(check(tmp_path, "--json"))
    notes = [
        f"not checked: HCL in {tmp_path}: main.tf; run terraform plan and pass the plan as JSON",
        f"not checked: other JSON in {tmp_path}: plan.json; pass the file if it is Terraform's",
        "not checked: a: the resources in module.dr; run terraform plan and pass the plan as JSON",
        "not checked: a: contains no resources",
    ]
    assert done.exit_code == 0
    assert [line for line in done.stdout.splitlines() if line.startswith("not checked")] == notes
    assert report["notes"] == notes
    assert done.stdout.endswith("\n\nnothing checked; 1 stack, 0 resources\n")
    assert "not checked: a: the resources in module.dr" in check(file).stdout


def test_json_of_something_else_in_a_folder_is_a_note_and_alone_an_error(tmp_path: Path) -> None:
    second = write(tmp_path / "package.json", {"name": "x"})
    write(tmp_path / "plan.json", {"resource": ZONE, "provider": PROVIDER})
    done = check(tmp_path)
    assert done.exit_code == 0
    assert f"not checked: {second}: is JSON, but not Terraform" in done.stdout
    assert "not judged: no findings; 1 stack, 1 resource\n" in done.stdout
    assert isinstance(check(second).exception, UsageError)


def naive(meta: dict[str, Any], fqdn: str) -> dict[str, Any]:
    names = [f"a1-ats.iot.{region}.amazonaws.com" for region in ("eu-west-1", "eu-central-1")]
    check_ = {"type": "HTTPS", "port": 443, "fqdn": fqdn, **meta}
    sides = {"PRIMARY": {"t": names[0]}, "SECONDARY": {"t": names[1]}}
    return {
        "provider": {"aws": {"region": "eu-west-1"}},
        "variable": {"sides": {"default": sides}},
        "locals": {"t": names, "sides": "${var.sides}"},
        "resource": {"aws_route53_health_check": {"c": check_}},
    }


@pytest.mark.parametrize(
    ("meta", "fqdn", "keys"),
    [
        ({"for_each": "${local.sides}"}, "${each.value.t}", ['"PRIMARY"', '"SECONDARY"']),
        ({"for_each": "${toset(local.t)}"}, "${lower(each.key)}", ['"a1', '"a1']),
        ({"for_each": "${keys(var.sides)}"}, "${local.sides[each.key].t}", ['"P', '"S']),
        ({"count": 2}, "${local.t[count.index]}", ["0", "1"]),
        ({"count": "${length(local.t)}"}, "${local.t[count.index]}", ["0", "1"]),
    ],
)
def test_the_naive_design_is_found_however_its_checks_are_multiplied(
    meta: dict[str, Any], fqdn: str, keys: list[str], tmp_path: Path
) -> None:
    report = rows(check(write(tmp_path / "dns.tf.json", naive(meta, fqdn)), "--json"))
    result = [each for each in report["findings"] if each["rule"] == "https-check-on-iot-name"]
    assert len(result) == len(keys)
    for finding in result:
        assert any(
            finding["address"].startswith(f"aws_route53_health_check.c[{key}") for key in keys
        )


def test_instances_known_only_to_a_plan_are_reported_as_not_checked(tmp_path: Path) -> None:
    document = naive({"for_each": "${data.aws_x.y.names}"}, "${each.value}")
    done = check(write(tmp_path / "dns.tf.json", document))
    assert "not checked: dns: the instances of aws_route53_health_check.c: " in done.stdout
    assert "not judged: no findings; 1 stack, 1 resource\n" in done.stdout
