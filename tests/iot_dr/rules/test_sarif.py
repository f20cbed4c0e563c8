"""The SARIF of `iot-dr check` and `iot-dr review`, judged by the schema of OASIS."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from sarif_kit.validate import validation_errors

from iot_dr.review.render import sarif as review_sarif
from iot_dr.rules.sarif import DOCS_VARIABLE
from tests.environments.files import VALID, project_with
from tests.iot_dr.cli.test_check import design, write
from tests.iot_dr.prover.test_hand_written import design as failover_pair
from tests.support.command import iot_dr_here
from tests.support.hcl_users import hcl_users
from tests.support.hostile_text import hostile
from tests.support.plan_parts import destroy, document
from tests.support.sample_review import sample_review

Log = Mapping[str, Any]


def logged(tmp_path: Path, *arguments: object, status: int, **variables: str) -> Log:
    """Run a command, and return its run of the log, which must be valid."""
    file = tmp_path / "new" / "iot-dr.sarif"
    done = iot_dr_here(*map(str, arguments), "--sarif", str(file), cwd=tmp_path, **variables)
    assert done.returncode == status, done.stderr
    return valid(json.loads(file.read_bytes()))


def valid(log: Any) -> Log:
    assert validation_errors(log) == []
    (run,) = log["runs"]
    return run


def places(run: Log) -> list[tuple[str, str, int]]:
    """Return the address, file and line of each result."""
    return [
        (
            "".join(each["fullyQualifiedName"] for each in location.get("logicalLocations", ())),
            (at := location["physicalLocation"])["artifactLocation"]["uri"],
            at["region"]["startLine"],
        )
        for result in run["results"]
        for location in result["locations"]
    ]


def fingerprints(run: Log) -> list[str]:
    return [each["partialFingerprints"]["primaryLocationLineHash"] for each in run["results"]]


def edited(file: Path, old: str, new: str) -> Path:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return file


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """The plan of a user's module, with checks that ask AWS IoT by HTTPS."""
    return edited(hcl_users(tmp_path / "users") / "children/plan.json", '"TCP"', '"HTTPS"')


def line_of(file: Path, text: str, margin: int = 0) -> int:
    return file.read_text().splitlines().index(" " * margin + text) + 1


def test_a_finding_leads_to_the_block_in_hcl_and_stays_the_same_when_lines_move(
    tmp_path: Path, wrong: Path
) -> None:
    run = logged(tmp_path, "check", wrong, status=1)
    entry = wrong.parent / "modules/entry/main.tf"
    line = line_of(entry, 'resource "aws_route53_health_check" "target" {')
    assert [each for each in places(run) if "health_check" in each[0]] == [
        (f'module.entry.aws_route53_health_check.target["{region}"]', uri, line)
        for uri in ["users/children/modules/entry/main.tf"]
        for region in ("eu-central-1", "eu-west-1")
    ]
    assert {each["level"] for each in run["results"]} == {"error"}
    assert len({*fingerprints(run)}) == len(run["results"])
    entry.write_text(f"# One more line.\n{entry.read_text()}")
    moved = logged(tmp_path, "check", wrong, status=1)
    assert fingerprints(moved) == fingerprints(run)
    assert places(moved)[0][2] == places(run)[0][2] + 1


@pytest.mark.parametrize(
    "source", ["example/entry/aws", "./" + "x" * 300, "../" * 3000, "./\0"], ids=len
)
def test_a_module_that_is_not_here_is_located_at_its_call_and_a_unit_of_terragrunt_at_its_file(
    source: str, tmp_path: Path, wrong: Path
) -> None:
    """A module from a registry, and folders that no file system can have."""
    edited(wrong, '"./modules/entry"', json.dumps(source))
    call = line_of(wrong.parent / "main.tf", 'module "entry" {')
    unit = wrong.parents[1] / "terragrunt/live/prod/global/entry"
    edited(unit / "plan.json", '"TCP"', '"HTTPS"')
    run = logged(tmp_path, "check", wrong, unit / "plan.json", status=1)
    assert {place[1:] for place in places(run)} == {
        ("users/children/main.tf", call),
        ("users/terragrunt/live/prod/global/entry/terragrunt.hcl", 1),
    }


def test_a_finding_in_json_leads_to_the_key_of_its_resource(tmp_path: Path) -> None:
    document = design()
    records = document["resource"]["aws_route53_record"]
    # A key of the same name lies deeper, before it.
    records["device"] = {"alias": {"device": {}}, **records["device"]}
    records = {"alias": {**records["device"], "name": "other.example.com"}, **records}
    document["resource"]["aws_route53_record"] = records
    file = write(tmp_path / "a folder/dns.tf.json", document)
    assert {place[2] for place in places(logged(tmp_path, "check", file, status=1))} == {1}
    file.write_text(json.dumps(document, indent=1))
    run = logged(tmp_path, "check", "a folder", status=1)
    assert {place for place in places(run) if place[0].startswith("aws_route53_record.")} == {
        (f"aws_route53_record.{name}", "a%20folder/dns.tf.json", line_of(file, f'"{name}": {{', 3))
        for name in records
    }


def test_a_sound_design_has_no_results_and_its_notes_are_kept(tmp_path: Path) -> None:
    file = write(tmp_path / "dns.tf.json", {**failover_pair(), "module": {"more": {"source": "x"}}})
    run = logged(tmp_path, "check", file, status=0)
    assert run["results"] == []
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "module.more" in note["message"]["text"]


def test_a_suppressed_finding_says_so_and_what_was_synthesized_leads_to_its_settings(
    tmp_path: Path,
) -> None:
    rule = "failover-record-at-apex"
    accepted = f"{VALID}suppressions: [{{rule: {rule}, reason: until May}}]\n"
    project_with(tmp_path, dev=accepted)
    at_apex = design(name="iot.example.com")
    write(tmp_path / "dns.tf.json", at_apex)
    own = {"//": {"metadata": {"stackName": "iot-dev-entry-point"}}}
    write(tmp_path / "out/stacks/iot-dev-entry-point/cdk.tf.json", {**at_apex, **own})
    for path, file in (("dns.tf.json", "dns.tf.json"), ("out", "environments/dev.yaml")):
        run = logged(tmp_path, "check", "--env", "dev", path, status=1)
        (result,) = [each for each in run["results"] if each["ruleId"] == rule]
        reasons = [{"kind": "external", "justification": "until May"}]
        assert result["suppressions"] == reasons
        assert ("aws_route53_record.device", file, 1) in places(run)
        others = [each for each in run["results"] if each["ruleId"] != rule]
        assert not [each for each in others if "suppressions" in each]


def test_a_review_is_as_bad_in_sarif_as_its_verdict(tmp_path: Path) -> None:
    zone = destroy("aws_route53_zone.main", {"name": "iot.example.com"}, mask=False)
    write(tmp_path / "plan.json", document(resource_changes=[zone]))
    run = logged(tmp_path, "review", "--plans", "plan.json", status=3)
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("stateful-resource-destroyed", "error")
    ]
    assert places(run) == [("aws_route53_zone.main", "plan.json", 1)]
    assert run["automationDetails"]["id"] == "iot-dr review/"


def test_the_review_of_an_environment_leads_to_its_settings() -> None:
    review = sample_review()
    run = valid(review_sarif.log(review, Path("environments/dev.yaml")))
    assert {place[1] for place in places(run)} == {"environments/dev.yaml"}
    assert {each["ruleId"] for each in run["results"]} >= {"plan-review"}
    problems = [each["message"]["text"] for each in run["results"]]
    assert any("no such table" in each for each in problems)
    (suppressed,) = [each for each in run["results"] if "suppressions" in each]
    assert suppressed["suppressions"][0]["kind"] == "external"


@given(hostile)
@example("\ud800")
def test_no_name_in_a_plan_becomes_a_link(text: str) -> None:
    (run,) = review_sarif.log(sample_review(lambda each: f"{each}{text}"), None)["runs"]
    assert not [each for each in run["results"] if "](" in each["message"]["text"]]
    assert json.dumps(run, ensure_ascii=False).encode()


def test_rules_link_to_the_documentation_where_its_place_is_known(tmp_path: Path) -> None:
    file = write(tmp_path / "dns.tf.json", failover_pair())

    def links(**variables: str) -> list[str]:
        run = logged(tmp_path, "check", file, status=0, **variables)
        return [each["helpUri"] for each in run["tool"]["driver"]["rules"] if "helpUri" in each]

    assert links() == []
    assert links(**{DOCS_VARIABLE: "https://docs.example/v1/"})[0] == (
        "https://docs.example/v1/reference/rules.md#https-check-on-iot-name"
    )


@pytest.mark.parametrize(
    ("name", "problem"), [("pipe", "not a regular file"), ("dns.tf.json/x", "File exists")]
)
def test_a_log_is_written_through_a_link_and_not_over_a_pipe_or_below_a_file(
    name: str, problem: str, tmp_path: Path
) -> None:
    file = write(tmp_path / "dns.tf.json", failover_pair())
    (tmp_path / "link").symlink_to("target")
    assert iot_dr_here("check", str(file), "--sarif", "link", cwd=tmp_path).returncode == 0
    assert (tmp_path / "link").is_symlink()
    valid(json.loads((tmp_path / "target").read_bytes()))
    os.mkfifo(tmp_path / "pipe")
    done = iot_dr_here("check", str(file), "--sarif", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"--sarif {name}: cannot be written: {problem}")
    assert (tmp_path / "pipe").is_fifo()
