"""`iot-dr prove`: what it prints and how it ends, in this process."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from environments.project import ROOT_VARIABLE
from iot_dr.cli import prove as command
from tests.iot_dr.prover.test_forms import addresses
from tests.iot_dr.prover.test_hand_written import NAME, design
from tests.support.command import iot_dr_here
from tests.support.forms import documents as forms_of
from tests.support.json_output import result_of
from tests.support.settings import document, settings
from tests.support.synthesis import Synthesis

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "failover.md"


def prove(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(command.prove)
    return CliRunner().invoke(app, [*map(str, arguments)], env={"ENV": ""})


def written(folder: Path, document: Any) -> Path:
    file = folder / "dns.tf.json"
    file.write_text(json.dumps(document))
    return file


def test_a_proved_design_exits_0_and_names_the_bound(tmp_path: Path) -> None:
    done = prove(written(tmp_path, design()))
    assert done.exit_code == 0
    first, *_ = done.stdout.splitlines()
    assert first == (
        f"{NAME}: proved, 37 states; at most 2 faults and 1 switch at a time, up to 6 events"
    )


def test_a_counterexample_exits_1_in_text_and_json(tmp_path: Path) -> None:
    document = design()
    del document["resource"]["aws_route53_record"]["west"]["health_check_id"]
    file = written(tmp_path, document)
    done = prove(file)
    assert done.exit_code == 1
    assert "  does not hold: devices are led to a region that serves, while any does" in (
        done.stdout.splitlines()
    )
    printed = result_of(prove(file, "--json").stdout)
    assert printed["verdict"] == "disproved"
    (name,) = printed["names"]
    assert name["name"] == NAME
    (violation,) = name["violations"]
    assert violation["events"] == ["eu-west-1: AWS IoT accepts connections and does nothing more"]


def test_a_design_of_which_a_part_is_not_declared_exits_3(tmp_path: Path) -> None:
    document = design()
    for key in ("west", "central"):
        document["resource"]["aws_route53_health_check"][key]["fqdn"] = f"${{var.{key}}}"
    file = written(tmp_path, document)
    done = prove(file)
    assert done.exit_code == 3
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{NAME}: not proved, ")
    assert "  may not hold: devices are led to a region that serves, while any does" in lines
    assert "  every property holds if what is not declared here works" in lines
    printed = result_of(prove(file, "--json").stdout)
    assert printed["verdict"] == "not proved"
    assert printed["names"][0]["possible"]
    assert not printed["names"][0]["violations"]


def test_a_design_without_a_failover_name_is_not_checked_and_exits_3(tmp_path: Path) -> None:
    document = design()
    document["resource"] = {"aws_route53_zone": document["resource"]["aws_route53_zone"]}
    done = prove(written(tmp_path, document))
    assert done.exit_code == 3
    assert done.stdout == "not checked: no public name has both failover records here\n"
    assert result_of(prove(written(tmp_path, document), "--json").stdout)["names"] == []


def test_records_that_are_not_judged_are_named_next_to_a_proof(tmp_path: Path) -> None:
    document = design()
    records = document["resource"]["aws_route53_record"]
    web = {**records["regional_west"], "name": "web.iot.example.com", "set_identifier": "web"}
    records["web"] = {**web, "weighted_routing_policy": {"weight": 1}}
    done = prove(written(tmp_path, document))
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == (
        "not checked: weighted records, whose answer depends on who asks: web.iot.example.com"
    )


def test_some_stacks_of_an_environment_are_not_checked(
    synthesis: Synthesis, tmp_path: Path
) -> None:
    stack = synthesis(settings())["iot-dev-entry-point"]
    file = tmp_path / "iot-dev-entry-point.tf.json"
    file.write_text(json.dumps(stack.document))
    done = prove(file, "--env", "dev")
    assert done.exit_code == 3
    assert done.stdout == "not checked: dev has more stacks; pass all of them\n"


def test_an_environment_without_data_is_not_checked_for_its_devices(
    synthesis: Synthesis, tmp_path: Path
) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "cdktf.json").write_text("{}", encoding="utf-8")
    for name, stack in synthesis(settings()).items():
        (tmp_path / f"{name}.tf.json").write_text(json.dumps(stack.document))
    file = tmp_path / "environments" / "dev.yaml"
    file.write_text(json.dumps(document()), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(ROOT_VARIABLE)
        patch.chdir(tmp_path)
        done = prove(*sorted(tmp_path.glob("*.tf.json")), "--env", "dev")
    assert done.exit_code == 0, done.stdout
    assert done.stdout.startswith(
        "not checked: whether a device is registered in every region: dev has no block `data`"
    )


def test_the_page_shows_what_it_prints_for_prod() -> None:
    done = prove("--env", "prod")
    assert done.exit_code == 0
    assert f"$ iot-dr prove --env prod\n{done.stdout}```" in PAGE.read_text(encoding="utf-8")


def test_what_a_first_plan_does_not_know_is_not_proved_and_stops_no_pipeline(
    tmp_path: Path,
) -> None:
    unknown = {"records": ["local.target"]}
    design = [
        replace(resource, references={**resource.references, **unknown})
        if resource.address.startswith("aws_route53_record")
        else resource
        for resource in addresses()
    ]
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(forms_of(design)["first plan"]))
    statuses = {
        command: iot_dr_here(*command.split(), str(file), ENV="")
        for command in ("prove", "check", "review --plans")
    }
    assert {command: done.returncode for command, done in statuses.items()} == {
        "prove": 3,
        "check": 0,
        "review --plans": 0,
    }
    assert "not proved" in statuses["prove"].stdout
    remark = "where aws_route53_record.primary leads is not known"
    assert all(remark in " ".join(done.stdout.split()) for done in statuses.values())
