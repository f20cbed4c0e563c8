"""`iot-dr check`: what it finds without a plan, and what it says it cannot judge."""

from pathlib import Path
from typing import Any

import pytest

from iot_dr.common.user_error import UsageError
from tests.iot_dr.cli.check_command import PROVIDER, ZONE, check, rows, write


def test_what_is_not_judged_is_told_and_never_a_bare_ok(tmp_path: Path) -> None:
    file = write(tmp_path / "a.tf.json", {"module": {"dr": {"source": "./dr"}}})
    (tmp_path / "main.tf").write_text("locals {}")
    write(tmp_path / "plan.json", {})
    done, report = check(tmp_path), rows(check(tmp_path, "--json"))
    told = [
        f"not judged: HCL in {tmp_path}: main.tf; plan it and name the plan",
        f"not judged: other JSON in {tmp_path}: plan.json; name it if it is Terraform's",
        "not judged: a: what is in module.dr; plan it and name the plan, which has that",
        "not judged: a: no resource is there",
    ]
    assert done.exit_code == 0
    assert [line for line in done.stdout.splitlines() if line.startswith("not judged")] == told
    assert report["notes"] == told
    assert done.stdout.endswith("\n\nnothing judged; 1 stack, 0 resources\n")
    assert "not judged: a: what is in module.dr" in check(file).stdout


def test_json_of_something_else_in_a_folder_is_a_note_and_alone_an_error(tmp_path: Path) -> None:
    other = write(tmp_path / "package.json", {"name": "x"})
    write(tmp_path / "plan.json", {"resource": ZONE, "provider": PROVIDER})
    done = check(tmp_path)
    assert done.exit_code == 0
    assert f"not judged: {other}: is JSON, but no Terraform" in done.stdout
    assert "ok: nothing found in what is judged; 1 stack, 1 resource\n" in done.stdout
    assert isinstance(check(other).exception, UsageError)


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
    found = [each for each in report["findings"] if each["rule"] == "https-check-on-iot-name"]
    assert len(found) == len(keys)
    for each in found:
        assert any(each["address"].startswith(f"aws_route53_health_check.c[{key}") for key in keys)


def test_instances_that_only_a_plan_tells_are_told_as_not_judged(tmp_path: Path) -> None:
    document = naive({"for_each": "${data.aws_x.y.names}"}, "${each.value}")
    done = check(write(tmp_path / "dns.tf.json", document))
    assert "not judged: dns: the instances of aws_route53_health_check.c: " in done.stdout
    assert " in what is judged; 1 stack, 1 resource\n" in done.stdout
