"""`iot-dr adopt` as an operator runs it, in an account that is as strict as Route 53."""

import fnmatch
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import pytest
import yaml

from environments.settings import Settings
from iot_dr.drill.play.account import variables
from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.drill.report.report import DrillReport
from iot_dr.observe.switch.record_sets import are_equal
from tests.conformance.calls_request import action
from tests.iot_dr.cli.terminal import Terminal
from tests.iot_dr.operate.adopt.world import CENTRAL, ENDPOINT, NAME, WEST, Adoptable
from tests.support.aws_account import DENIED
from tests.support.command import ROOT, iot_dr_here
from tests.support.drill_recordings import kill, rehearsed
from tests.support.json_output import result_of
from tests.support.region_health import RegionHealth

CNAME = f"CNAME {ENDPOINT}, TTL 60 s"


class During(Terminal):
    """A terminal on which `yes` is typed after something has changed."""

    def __init__(self, change: Callable[[], object]) -> None:
        super().__init__("yes\n")
        self._change = change

    def readline(self, size: int = -1, /) -> str:
        self._change()
        return super().readline(size)


@dataclass
class Operator:
    """A person in the project's folder, with credentials of the account."""

    platform: Adoptable
    project: Path

    def run(
        self, command: str, *options: str, typed: str | TextIO = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of `adopt`."""
        led = variables(self.platform.faults.endpoint)
        arguments = ("adopt", command, "--env", "dev", *options)
        return iot_dr_here(*arguments, cwd=self.project, typed=typed, COLUMNS="200", **led)

    def settings(self, data: dict[str, Any] | None = None, **changes: Any) -> None:
        """Write the settings with a block `data`, and keys of the block `existing` replaced."""
        content: dict[str, Any] = {**self.platform.document, "data": data}
        content["existing"] = {**content["existing"], **changes}
        file = self.project / "environments" / "dev.yaml"
        file.write_text(yaml.safe_dump(content), encoding="utf-8")

    def rehearse(self, drill: str = "drill", **changes: Any) -> None:
        """Write the report of a drill of the present settings, or of changed ones."""
        text = (self.project / "environments" / "dev.yaml").read_text(encoding="utf-8")
        settings = Settings.model_validate({**yaml.safe_load(text), **changes})
        result = rehearsed(kill(20, started=datetime.now(UTC).isoformat()))
        DrillReport.of([result], settings).write(self.project / drill)

    def file(self, name: str) -> list[tuple[str, str]]:
        """Return the actions of a batch with their sides."""
        content = json.loads((self.project / "adopt-dev" / name).read_bytes())
        return [
            (change["Action"], change["ResourceRecordSet"].get("Failover", "simple"))
            for change in content["Changes"]
        ]


@pytest.fixture
def operator(platform: Adoptable, tmp_path: Path) -> Operator:
    """An operator before the cut-over."""
    (tmp_path / "cdktf.json").write_text("{}", encoding="utf-8")
    (tmp_path / "environments").mkdir()
    made = Operator(platform, tmp_path)
    made.settings()
    return made


def test_regions_that_do_not_serve_the_name_to_this_machine_are_a_refusal(
    operator: Operator,
) -> None:
    for server in operator.platform.tls.regions.values():
        server.serving = "plain"
    done = operator.run("cut-over", "--yes")
    assert done.returncode == 1
    for region in (WEST, CENTRAL):
        assert f"{region} does not serve {NAME}: no TLS" in done.stderr
    assert "--force continues" in done.stderr
    assert f"  {CNAME}" in done.stdout
    assert f"Devices that connect to {ENDPOINT} itself are not led by this name." in done.stdout
    assert "dev has no block data, so it is not known whether the devices are" in done.stderr
    assert operator.platform.batches() == 0
    assert not (operator.project / "adopt-dev").exists()


def test_the_records_are_replaced_and_restored(operator: Operator) -> None:
    platform = operator.platform
    done = operator.run("cut-over", "--yes", "--force")
    assert done.returncode == 0, done.stderr
    assert "Forced: dev has no block data" in done.stderr
    assert "Set existing.cut_over: true in environments/dev.yaml and deploy" in done.stdout
    assert platform.batches() == 1
    assert are_equal(platform.answers(), platform.records.failover_pair())
    first, *pair = operator.file("cut-over.json")
    assert (first, sorted(pair)) == (
        ("DELETE", "simple"),
        [("CREATE", "PRIMARY"), ("CREATE", "SECONDARY")],
    )
    *pair, last = operator.file("back.json")
    assert (last, sorted(pair)) == (
        ("CREATE", "simple"),
        [("DELETE", "PRIMARY"), ("DELETE", "SECONDARY")],
    )

    again = operator.run("cut-over", "--yes")
    assert (again.returncode, platform.batches()) == (0, 1)
    assert f"{NAME} has its failover records already:" in again.stdout

    operator.settings(cut_over=True)
    restored = operator.run("back", "--yes")
    assert restored.returncode == 0, restored.stderr
    assert "Set existing.cut_over: false in environments/dev.yaml and deploy" in restored.stdout
    assert platform.batches() == 2
    assert are_equal(platform.answers(), [platform.old])
    again = operator.run("back", "--yes")
    assert (again.returncode, platform.batches()) == (0, 2)
    assert f"{NAME} has its old record already:" in again.stdout


@pytest.mark.exhaustive
def test_records_that_terraform_has_changed_since_are_restored_too(operator: Operator) -> None:
    platform = operator.platform
    assert operator.run("cut-over", "--yes", "--force").returncode == 0
    pair = [{**record, "TTL": 30} for record in platform.records.failover_pair()]
    platform.change("UPSERT", *pair)
    done = operator.run("back", "--yes")
    assert done.returncode == 0, done.stderr
    assert are_equal(platform.answers(), [platform.old])


def test_the_old_record_must_lead_to_what_serves_the_name(operator: Operator) -> None:
    assert operator.run("cut-over", "--yes", "--force").returncode == 0
    west = operator.platform.tls.regions[WEST]
    west.serving = "plain"
    refused = operator.run("back", "--yes")
    assert (refused.returncode, operator.platform.batches()) == (1, 1)
    assert refused.stderr.startswith(f"{ENDPOINT} does not serve {NAME}: no TLS")
    forced = operator.run("back", "--yes", "--force")
    assert (forced.returncode, operator.platform.batches()) == (0, 2)
    assert f"Forced: {ENDPOINT} does not serve {NAME}" in forced.stderr


def test_records_that_change_during_the_confirmation_are_not_replaced(operator: Operator) -> None:
    platform = operator.platform
    platform.change("UPSERT", {**platform.old, "TTL": 900})
    other = {**platform.old, "ResourceRecords": [{"Value": "broker.example.org"}]}
    for command, force in (("lower-ttl", ()), ("cut-over", ("--force",))):
        typed = During(lambda: platform.change("UPSERT", other))
        done = operator.run(command, *force, typed=typed)
        assert (done.returncode, platform.batches()) == (1, 0)
        assert f"the records of {NAME}, or those that the entry point hands over, were" in (
            done.stderr
        )
        assert are_equal(platform.answers(), [other])
        platform.change("UPSERT", platform.old)
    assert operator.run("cut-over", "--yes", "--force").returncode == 0
    pair = [{**record, "TTL": 30} for record in platform.records.failover_pair()]
    done = operator.run("back", typed=During(lambda: platform.change("UPSERT", *pair)))
    assert (done.returncode, platform.batches()) == (1, 1)
    assert are_equal(platform.answers(), pair)


def test_a_region_that_fails_during_the_confirmation_is_a_refusal(operator: Operator) -> None:
    operator.settings(data={})
    operator.rehearse()
    platform = operator.platform
    fails = During(lambda: platform.world.see({CENTRAL: RegionHealth(tcp=False)}))
    done = operator.run("cut-over", typed=fails)
    assert (done.returncode, platform.batches()) == (1, 0)
    reason = f"{CENTRAL} is unhealthy, and devices may be led there"
    assert f"{reason}\n--force continues" in done.stderr
    forced = operator.run("cut-over", "--force", typed=Terminal("yes\n"))
    assert (forced.returncode, forced.stderr.count(reason)) == (0, 1)


@pytest.mark.exhaustive
def test_a_return_needs_the_old_record_and_a_region_that_is_well(operator: Operator) -> None:
    missing = operator.run("back", "--yes")
    assert (missing.returncode, operator.platform.batches()) == (1, 0)
    assert "adopt-dev/back.json: cannot be read: No such file" in missing.stderr
    assert operator.run("cut-over", "--yes", "--force").returncode == 0
    operator.platform.world.switch(WEST, "ALARM")
    refused = operator.run("back", "--yes")
    assert refused.returncode == 1
    assert f"{WEST} is switched away; switch it back first" in refused.stderr
    assert operator.platform.batches() == 1
    operator.platform.change("DELETE", *operator.platform.records.failover_pair())
    operator.platform.change("CREATE", {**operator.platform.old, "TTL": 5})
    other = operator.run("back", "--yes")
    assert other.returncode == 1
    assert f"{NAME} has records that are not its failover records" in other.stderr


def test_the_ttl_is_lowered_first_and_waited_for(operator: Operator) -> None:
    platform = operator.platform
    platform.change("UPSERT", {**platform.old, "TTL": 900})
    refused = operator.run("cut-over", "--yes")
    assert "lower it to 60 s with `iot-dr adopt lower-ttl`" in refused.stderr
    done = operator.run("lower-ttl", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Lowered. Resolvers may have the former TTL for another 900 s." in done.stdout
    assert [record["TTL"] for record in platform.answers()] == [60]
    waiting = operator.run("cut-over", "--yes")
    assert "with its former TTL of 900 s for another" in waiting.stderr
    enough = operator.run("lower-ttl", "--yes")
    assert f"{NAME} has a TTL of 60 s; nothing to lower." in enough.stdout
    assert platform.batches() == 1


def is_batch(request: ApiRequest) -> bool:
    """Whether a request changes records."""
    return request.method == "POST" and "rrset" in request.path


def lost_answer(request: ApiRequest) -> Reply | None:
    """Answer a batch as a proxy does that has lost the answer."""
    return Reply(503, b"<html>no answer</html>", "text/html") if is_batch(request) else None


def test_each_batch_and_its_inverse_are_on_disk_when_it_is_sent(operator: Operator) -> None:
    platform = operator.platform
    platform.change("UPSERT", {**platform.old, "TTL": 900})
    comments: list[dict[str, str]] = []

    def noted(request: ApiRequest) -> None:
        if is_batch(request):
            files = (operator.project / "adopt-dev").glob("*.json")
            content = {file.name: json.loads(file.read_bytes()) for file in files}
            comments.append({name: each.get("Comment", "") for name, each in content.items()})

    platform.faults.answers.insert(0, noted)
    pairs = {
        "lower-ttl": ("lower-ttl.json", "restore-ttl.json"),
        "cut-over": ("cut-over.json", "back.json"),
        "back": ("back.json", "cut-over.json"),
    }
    for at, (command, (file, inverse)) in enumerate(pairs.items()):
        force = [] if command == "lower-ttl" else ["--force"]
        done = operator.run(command, "--yes", *force)
        assert (done.returncode, len(comments)) == (0, at + 1), done.stderr
        comment = f"iot-dr adopt {command}: {NAME}"
        assert comments[at][file] == comment
        assert comments[at][inverse] == f"Inverse of: {comment}"


def test_a_ttl_whose_change_may_be_made_later_is_waited_for_too(operator: Operator) -> None:
    platform = operator.platform
    platform.change("UPSERT", {**platform.old, "TTL": 900})
    platform.faults.answers.insert(0, lost_answer)
    lost = operator.run("lower-ttl", "--yes")
    assert lost.returncode == 1
    assert "but the change may yet be made; wait a minute and run the command" in lost.stderr
    platform.faults.answers.remove(lost_answer)
    platform.change("UPSERT", platform.old)
    waiting = operator.run("cut-over", "--yes")
    assert "with its former TTL of 900 s for another" in waiting.stderr


def test_nothing_is_noted_of_a_change_that_is_declined(operator: Operator) -> None:
    platform = operator.platform
    platform.change("UPSERT", {**platform.old, "TTL": 900})
    declined = operator.run("lower-ttl", typed=Terminal("no\n"))
    assert (declined.returncode, platform.batches()) == (1, 0)
    assert "Declined: nothing was changed." in declined.stderr
    assert not (operator.project / "adopt-dev" / "ttl-lowered.json").exists()


def test_failover_records_of_another_deploy_are_not_replaced(operator: Operator) -> None:
    platform = operator.platform
    assert operator.run("cut-over", "--yes", "--force").returncode == 0
    pair = [{**record, "TTL": 30} for record in platform.records.failover_pair()]
    platform.change("UPSERT", *pair)
    done = operator.run("cut-over", "--yes", "--force")
    assert (done.returncode, platform.batches()) == (1, 1)
    assert f"{NAME} has failover records. If `iot-dr adopt cut-over` created them" in done.stderr
    assert "iot-dr adopt back" in done.stderr


def test_the_old_record_of_another_name_is_not_restored(operator: Operator) -> None:
    platform = operator.platform
    assert operator.run("cut-over", "--yes", "--force").returncode == 0
    back = operator.project / "adopt-dev" / "back.json"
    content = back.read_text(encoding="utf-8")
    back.write_text(content.replace(NAME, "mqtt-prod.example.com"), encoding="utf-8")
    done = operator.run("back", "--yes", "--force")
    assert (done.returncode, platform.batches()) == (1, 1)
    assert f"restores mqtt-prod.example.com instead of {NAME}" in done.stderr
    assert are_equal(platform.answers(), platform.records.failover_pair())


def test_after_the_cut_over_there_is_no_old_record(operator: Operator) -> None:
    operator.settings(cut_over=True)
    for command in ("lower-ttl", "cut-over"):
        done = operator.run(command, "--yes")
        assert done.returncode == 2
        assert "existing.cut_over is true, so the device name has its failover records" in (
            done.stderr
        )


def test_nobody_confirms_without_a_terminal(operator: Operator) -> None:
    done = operator.run("cut-over")
    assert done.returncode == 2
    assert "confirmation needs a terminal; pass --yes" in done.stderr


@pytest.mark.exhaustive
def test_a_record_that_cannot_be_replaced_is_named(operator: Operator) -> None:
    platform = operator.platform
    address = {**platform.old, "Type": "A", "ResourceRecords": [{"Value": "192.0.2.1"}]}
    platform.change("DELETE", platform.old)
    platform.change("CREATE", address)
    done = operator.run("cut-over", "--yes", "--force")
    assert done.returncode == 1
    assert f"{NAME} has a record of type A; a cut-over replaces one simple CNAME" in done.stderr
    assert are_equal(platform.answers(), [address])


@pytest.mark.exhaustive
def test_json_has_the_records_and_the_files(operator: Operator) -> None:
    done = operator.run("cut-over", "--yes", "--force", "--json", "--folder", "elsewhere")
    assert done.returncode == 0, done.stderr
    result = result_of(done.stdout)
    assert result["device_name"] == NAME
    assert are_equal(result["records"], operator.platform.answers())
    assert result["files"] == ["elsewhere/cut-over.json", "elsewhere/back.json"]


def test_the_certificate_of_another_owner_is_not_rotated(operator: Operator) -> None:
    done = iot_dr_here("rotate", "--region", WEST, "--env", "dev", cwd=operator.project)
    assert done.returncode == 1
    assert done.stderr.startswith(f"dev: existing: {WEST} serves the device name with the cert")
    assert "docs/how-to/adopt.md" in done.stderr


def test_regions_that_know_the_same_devices_are_cut_over_without_force(operator: Operator) -> None:
    operator.settings(data={})
    operator.rehearse()
    platform = operator.platform
    for region in (WEST, CENTRAL):
        platform.client("iot", region).create_thing(thingName="pump-1")
    shadow = b'{"state": {"reported": {"on": true}}}'
    platform.client("iot-data", WEST).update_thing_shadow(thingName="pump-1", payload=shadow)
    done = operator.run("cut-over", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    called = {action(request) for request in platform.faults.seen}
    assert are_equal(platform.answers(), platform.records.failover_pair())

    # docs/how-to/adopt.md has the permissions; GetCallerIdentity needs none.
    page = (ROOT / "docs" / "how-to" / "adopt.md").read_text(encoding="utf-8")
    (line,) = (line for line in page.splitlines() if line.startswith("It calls `route53:"))
    listed = re.findall(r"`([a-z0-9]+:\w+\*?)`", line)
    used = {each: fnmatch.filter(called - {"sts:GetCallerIdentity"}, each) for each in listed}
    # No policy is there to be read by iot:Get*.
    assert {each for each in listed if not used[each]} <= {"iot:Get*"}
    assert called == {"sts:GetCallerIdentity"}.union(*used.values())


def test_devices_that_only_the_old_region_knows_are_a_refusal(operator: Operator) -> None:
    operator.settings(data={})
    operator.rehearse()
    operator.platform.client("iot", WEST).create_thing(thingName="pump-2")
    done = operator.run("cut-over", "--yes")
    assert (done.returncode, operator.platform.batches()) == (1, 0)
    assert f"1 things, certificates, policies or groups differ between {WEST} and {CENTRAL}" in (
        done.stderr
    )
    text = " ".join(done.stderr.split())
    assert f"`iot-dr registry diff {WEST} {CENTRAL} --env dev` lists them" in text
    assert "`iot-dr registry sync --env dev` copies them now" in text
    forced = operator.run("cut-over", "--yes", "--force")
    assert forced.returncode == 0, forced.stderr
    assert "Forced: the registries of the regions were not compared" in forced.stderr


def test_a_registry_that_cannot_be_read_is_a_refusal(operator: Operator) -> None:
    operator.settings(data={})
    operator.rehearse()

    def denied(request: ApiRequest) -> Reply | None:
        is_listed = request.region == CENTRAL and request.path.startswith("/things")
        return DENIED if is_listed else None

    operator.platform.faults.answers.append(denied)
    done = operator.run("cut-over", "--yes")
    assert (done.returncode, operator.platform.batches()) == (1, 0)
    assert f"the registries of {WEST} and {CENTRAL} cannot be compared: " in done.stderr
    assert "not authorized" in done.stderr


def test_a_drill_of_these_settings_must_have_passed(operator: Operator) -> None:
    operator.settings(data={})
    missing = operator.run("cut-over", "--yes")
    assert (missing.returncode, operator.platform.batches()) == (1, 0)
    assert missing.stderr.splitlines()[-2].endswith(
        "drill/report.json: there is no report of a drill. Rehearse the design first:"
        " `iot-dr drill run --env dev`"
    )
    operator.rehearse("out", endpoint={"ttl": 30})
    other = operator.run("cut-over", "--yes", "--drill", "out")
    assert (other.returncode, operator.platform.batches()) == (1, 0)
    assert "out/report.json: rehearsed other settings, or another version" in other.stderr
    assert "`iot-dr drill run --env dev --out out`" in other.stderr
    operator.rehearse("out")
    assert operator.run("cut-over", "--yes", "--drill", "out").returncode == 0


def test_a_zone_that_public_dns_does_not_lead_to_is_not_cut_over(operator: Operator) -> None:
    operator.settings(data={})
    operator.rehearse()
    operator.platform.delegate("ns.elsewhere.net")
    done = operator.run("cut-over", "--yes")
    assert (done.returncode, operator.platform.batches()) == (1, 0)
    assert done.stderr.startswith("example.com is delegated to ns.elsewhere.net; its zone has")


def test_no_switch_is_set_while_no_record_follows_it(operator: Operator) -> None:
    away = ("switch", "away", WEST, "--env", "dev", "--reason", "an outage", "--yes")
    led = variables(operator.platform.faults.endpoint)
    refused = iot_dr_here(*away, cwd=operator.project, **led)
    assert refused.returncode == 1
    assert f"{NAME} has its old record, which no switch changes" in refused.stderr
    operator.settings(cut_over=True)
    assert iot_dr_here(*away, cwd=operator.project, **led).returncode == 0


def test_a_failed_home_region_is_left_with_force(operator: Operator) -> None:
    platform = operator.platform
    pair = platform.records.failover_pair()
    platform.world.see({WEST: RegionHealth(tcp=False)})
    platform.tls.regions[WEST].serving = "plain"
    platform.faults.fail("500", WEST)
    done = operator.run("cut-over", "--yes", "--force")
    assert done.returncode == 0, done.stderr
    assert f"Forced: {WEST} is unhealthy, and devices may be led there" in done.stderr
    assert are_equal(platform.answers(), pair)
