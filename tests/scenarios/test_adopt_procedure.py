"""docs/how-to/adopt.md from the first step to the last and back, in accounts as they are found.

Three accounts: made by a person in the console, by CloudFormation, and by Terraform with modules.
`iot-dr adopt` changes moto. What Terraform applies with the stand-in is made in moto too, one call
after another in Terraform's own order, and the stand-in imports what moto then has: both have the
same records. After every change the answers that a resolver may have are checked.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from iot_dr.observe.switch.record_sets import are_equal
from tests.scenarios.support.account_kinds import (
    CENTRAL,
    KINDS,
    NAME,
    WEST,
    ZONE,
    Kind,
    record,
)
from tests.scenarios.support.adoption import TTL, Adoption, adoption
from tests.scenarios.support.former_owners import former_owner
from tests.scenarios.support.found_account import host
from tests.scenarios.support.resolver_caches import ResolverCaches, evaluation_of
from tests.scenarios.support.terraform_changes import record_set, states
from tests.support.drill import needs_mosquitto
from tests.support.json_output import result_of
from tests.support.project import Shell

Zone = Mapping[tuple[str, str, str], Any]

RECORD = "aws_route53_record"
PAIR = (f"{RECORD}.failover_1_primary", f"{RECORD}.failover_1_secondary")
OLD = (NAME, "CNAME", "")
PAIR_KEYS = {(NAME, "CNAME", side) for side in ("primary", "secondary")}


@pytest.mark.exhaustive
@needs_mosquitto
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_account_as_found_is_adopted_and_every_step_is_undone(
    kind: Kind, tmp_path: Path
) -> None:
    with adoption(kind, tmp_path) as adopted, former_owner(adopted, tmp_path / "other") as owner:
        zone, fleet = adopted.account.zone(), adopted.account.fleet()
        owner.release_platform()
        reviewed_and_deployed(adopted)
        deployed = adopted.account.zone()
        assert {key: deployed[key] for key in zone} == zone

        drilled(adopted)
        owner.release_record()
        adopted.seed()
        lowered_and_restored(adopted, deployed)
        cut = cut_over_and_back(adopted)
        imported(adopted, cut)
        back_after_the_import(adopted, deployed)
        taken_out(adopted, zone)
        assert adopted.account.fleet() == fleet
        assert adopted.caches.answers == answers(kind)
        assert owner.is_unchanged()


def answers(kind: Kind) -> list[tuple[str, int]]:
    """Return the device name's answers in the order of the steps, each with its TTL."""
    old, lowered = (host(WEST), kind.ttl), (host(WEST), TTL)
    cut = (f"mqtt-{WEST}.{ZONE}", TTL)
    twice_lowered = [lowered, old] * 2
    back_and_forth = [lowered, cut] * 3
    return [old, *twice_lowered, *back_and_forth, lowered, cut, lowered, old]


def reviewed_and_deployed(adopted: Adoption) -> None:
    """Steps 2 to 4: the first plan imports two resources; the second one is empty."""
    adopted.run("iot-dr env check dev")
    command = "iot-dr review --env dev --provider standin --format json"
    review = json.loads(adopted.run(command))
    assert review["verdict"] == adopted.account.kind.verdict, review["reason"]
    counts = Counter[str]()
    for stack in review["stacks"]:
        counts.update(stack["counts"])
    assert +counts == {"create": counts["create"], "update": 2, "import": 2}
    applied = {each for changes in adopted.up().values() for each in changes}
    assert {each for each in applied if not each.startswith("create ")} == {
        "update aws_iot_domain_configuration.device_name",
        "update aws_iot_policy.device",
    }


def destroying(changes: Iterable[str]) -> list[str]:
    """Return the changes after which something is gone."""
    return [each for each in changes if each.startswith(("destroy", "replace", "forget"))]


def lowered_and_restored(adopted: Adoption, deployed: Zone) -> None:
    """Step 5, undone and done again; then the former TTL passes."""
    for _ in range(2):
        assert adopted.adopt("lower-ttl").returncode == 0
        lowered = adopted.account.zone()
        assert changed(deployed, lowered) == {OLD: {**deployed[OLD], "TTL": TTL}}
        waiting = adopted.adopt("cut-over")
        reason, advice = waiting.stderr.splitlines()
        assert f"with its former TTL of {adopted.account.kind.ttl} s for another" in reason
        assert advice == "--force continues"
        adopted.send("restore-ttl.json")
        assert adopted.account.zone() == deployed
    adopted.send("lower-ttl.json")
    adopted.wait(adopted.account.kind.ttl)


def cut_over_and_back(adopted: Adoption) -> Zone:
    """Step 6, undone by the command and by the file, and done again; return its records."""
    lowered = adopted.account.zone()
    for undo in (lambda: adopted.adopt("back"), lambda: adopted.send("back.json")):
        cut_over(adopted)
        undo()
        assert adopted.account.zone() == lowered
    cut_over(adopted)
    cut = adopted.account.zone()
    assert {*changed(lowered, cut)} == {OLD, *PAIR_KEYS}
    evaluation = evaluation_of(cut.values())
    primary = cut[NAME, "CNAME", "primary"]["HealthCheckId"]
    led = [evaluation.answer(NAME, {primary: is_well}).leads_to for is_well in (True, False)]
    assert led == [f"mqtt-{region}.{ZONE}" for region in (WEST, CENTRAL)]
    return cut


def cut_over(adopted: Adoption) -> None:
    done = adopted.adopt("cut-over")
    assert done.returncode == 0, done.stderr
    # Nobody has an answer from before for longer than after any failover.
    assert adopted.caches.longest() <= TTL


def imported(adopted: Adoption, cut: Zone) -> None:
    """Step 7: Terraform imports what the command has created, and changes no record."""
    adopted.settings(cut_over=True)
    made = adopted.up()["iot-dev-entry-point"]
    assert not [each for each in made if RECORD in each]
    assert destroying(made) == ["destroy output.device_name_records"]
    assert [each for each in made if "watcher" in each]
    assert adopted.account.zone() == cut
    assert_states_have(adopted, cut)


def assert_states_have(adopted: Adoption, zone: Zone) -> None:
    """Fail unless Terraform's records are those of the account."""
    own = [
        record_set(values)
        for (_, address), values in states(adopted.project.sandbox).items()
        if address.startswith(f"{RECORD}.")
    ]
    for applied in own:
        key = applied["Name"], applied["Type"], applied.get("SetIdentifier", "")
        assert are_equal([applied], [zone[key]])
    assert {NAME} < {each["Name"] for each in own}


def drilled(adopted: Adoption) -> None:
    """A drill of the design after the cut-over, which the cut-over requires."""
    printed = adopted.run("iot-dr drill run --env dev --outage kill --devices 15 --speed 10 --json")
    (outage,) = result_of(printed)["outages"]
    assert outage["verdict"] in {"passed", "warn"}, outage
    assert [answer["region"] for answer in outage["answers"]][:2] == [WEST, CENTRAL]


def back_after_the_import(adopted: Adoption, deployed: Zone) -> None:
    """Undo step 7 in both orders, and steps 6 and 5."""
    lowered = {**deployed, OLD: {**deployed[OLD], "TTL": TTL}}
    assert adopted.adopt("back").returncode == 0
    assert adopted.account.zone() == lowered
    forgotten(adopted)
    cut_over(adopted)
    imported(adopted, adopted.account.zone())
    forgotten(adopted)
    assert adopted.adopt("back").returncode == 0
    assert adopted.account.zone() == lowered
    adopted.send("restore-ttl.json")
    assert adopted.account.zone() == deployed


def forgotten(adopted: Adoption) -> None:
    """Deploy with `cut_over: false`: Terraform forgets both records and changes none."""
    before = adopted.account.zone()
    adopted.settings(cut_over=False)
    made = adopted.up()["iot-dev-entry-point"]
    assert {each for each in made if RECORD in each} == {f"forget {each}" for each in PAIR}
    assert adopted.account.zone() == before


def taken_out(adopted: Adoption, zone: Zone) -> None:
    """Undo step 4: only what was found is left."""
    adopted.wait(TTL)
    destroy = "iot-dr destroy --env dev --provider standin --confirm dev"
    refused = adopted.project.try_(destroy)
    assert "nothing is destroyed" in refused.stderr
    with adopted.project.terraform() as shell:
        for region in (CENTRAL, WEST):
            destroyed(adopted, shell, f"iot-dev-device-registry-{region}")
        adopted.account.detach()
        west = f"iot-dev-iot-{WEST}"
        shell.run("terraform init -input=false -no-color", west)
        imported = "aws_iot_domain_configuration.device_name aws_iot_policy.device"
        shell.run(f"terraform state rm {imported}", west)
    adopted.project.run(destroy)
    log = adopted.project.folder / ".deploy" / "dev" / "destroy.log"
    adopted.replay(log.read_text(encoding="utf-8"))
    with adopted.project.terraform() as shell:
        destroyed(adopted, shell, "iot-dev-hosted-zone")
    assert adopted.account.zone() == zone


def destroyed(adopted: Adoption, shell: Shell, stack: str) -> None:
    """Destroy one stack in its folder."""
    shell.run("terraform init -input=false -no-color", stack)
    printed = shell.run("terraform destroy -auto-approve -no-color", stack)
    adopted.replay(f"== {stack}: terraform destroy, ended\n{printed}")


def changed(before: Zone, after: Zone) -> Zone:
    """Return the records that differ, as they are after a change; None if they are gone."""
    return {
        key: after.get(key)
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }


def caches() -> ResolverCaches:
    made = ResolverCaches(NAME, ZONE)
    made.observe("found", [record(NAME, "CNAME", 300, host(WEST))], [host(WEST)])
    return made


def test_a_moment_without_an_answer_is_found() -> None:
    with pytest.raises(AssertionError, match=f"deleted: {NAME} has no answer"):
        caches().observe("deleted", [], [host(WEST)])


def test_an_answer_that_leads_to_no_serving_region_is_found() -> None:
    moved = [record(NAME, "CNAME", 60, host(CENTRAL))]
    with pytest.raises(AssertionError, match=r"moved: .* leads to"):
        caches().observe("moved", moved, [host(WEST)])
    caches().observe("moved", moved, [host(WEST), host(CENTRAL)])


def test_an_answer_in_a_cache_is_found_until_its_ttl_has_passed() -> None:
    regional = record(f"mqtt-west.{ZONE}", "CNAME", 60, host(WEST))
    led = record(NAME, "CNAME", 60, f"mqtt-west.{ZONE}")
    old = record(NAME, "CNAME", 60, host(WEST))
    seen = caches()
    seen.observe("cut over", [regional, led], [host(WEST)])
    seen.observe("back", [regional, old], [host(WEST)])
    assert seen.longest() == 60
    with pytest.raises(AssertionError, match="has no answer"):
        seen.observe("destroyed", [old], [host(WEST)])
    seen.observe("back", [regional, old], [host(WEST)])
    seen.wait(60)
    seen.observe("destroyed", [old], [host(WEST)])
    assert seen.answers == [(host(WEST), 300), (f"mqtt-west.{ZONE}", 60), (host(WEST), 60)]
