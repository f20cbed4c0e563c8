"""Whatever happens to regions, calls, events and rows: the registry converges.

What must hold is in `Run` of run.py. `make simulate` runs any number of schedules.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from functions.registry.table import COMPARISON_KEY
from tests.simulation.api import BOTH
from tests.simulation.code import HERE, ROOT, Code, replacements
from tests.simulation.comparison import compared_calls
from tests.simulation.iot_core import IotCore, certificate
from tests.simulation.report import current_code, holds, report
from tests.simulation.world import World

MISTAKES = replacements(HERE / "mistakes.toml")
_REGISTRY = "tests/functions/registry"
DIRECTED = {
    "expired-tombstones-are-copied": f"{_REGISTRY}/test_expiry.py",
    "put-over-other-revisions": f"{_REGISTRY}/test_table.py",
    "write-is-not-verified": f"{_REGISTRY}/test_races.py",
    "failed-write-leaves-no-mark": f"{_REGISTRY}/test_apply.py",
    "detaching-is-not-waited-for": f"{_REGISTRY}/test_detachments.py",
    "detachment-is-captured-before-its-end": f"{_REGISTRY}/test_detachments.py",
    "tombstones-expire-while-others-have-the-entity": f"{_REGISTRY}/test_expiry.py",
    "rows-are-read-after-the-shadow": "tests/functions/registry_capture/test_shadow_capture.py",
    "revocation-is-taken-for-the-rest-of-a-write": f"{_REGISTRY}/test_races.py",
    "deleting-a-policy-detaches-it": f"{_REGISTRY}/access/test_policies.py",
    "superseded-states-win": f"{_REGISTRY}/test_winner.py",
    "vector-is-not-merged": f"{_REGISTRY}/test_apply.py",
    "basis-is-empty": f"{_REGISTRY}/test_capture.py",
    "date-of-an-earlier-change-counts": f"{_REGISTRY}/test_capture.py",
    "removed-attributes-stay": f"{_REGISTRY}/access/test_things.py",
    "blank-row-counts-as-deleted": f"{_REGISTRY}/test_apply.py",
    "comparison-ignores-what-came-back": "tests/functions/registry_reconcile/test_handler.py",
    "next-page-begins-where-the-last-stopped": "tests/functions/registry_reconcile/test_handler.py",
}
"""The tests that find what random schedules show too rarely."""
_ENOUGH = 150
"""Schedules in which a mistake must be found."""


def test_regions_converge_and_a_quiet_change_holds_everywhere() -> None:
    assert [report(seed) for seed in range(12)] == [""] * 12


def test_things_with_and_without_a_certificate_are_not_equal() -> None:
    iot = IotCore("eu-west-1", now=lambda: 0, detaching=lambda: 1)
    pem, name = certificate(0)
    attachment = {"thingName": "t1", "principal": iot.arn(f"cert/{name}")}
    iot.create_thing({"thingName": "t1"})
    iot.register_certificate_without_ca({"certificatePem": pem, "status": "ACTIVE"})
    without = iot.snapshot()
    iot.attach_thing_principal(attachment)
    assert iot.snapshot() != without
    iot.detach_thing_principal(attachment)
    assert iot.snapshot() == without, "a detachment that AWS is still executing counts"


def test_a_comparison_reads_the_attachments_of_a_thing_and_its_certificate_once() -> None:
    compared = compared_calls(20)
    # Thing, its groups and principals; certificate and its policies; the shadow's names and halves.
    assert 5 <= compared.calls["iot"] < 5.6
    assert compared.calls["iot-data"] == 3
    assert compared.calls["dynamodb"] < 4.3
    assert compared.hours[100_000] < 3.5


def test_a_comparison_without_time_goes_on_by_messages_and_comes_to_an_end() -> None:
    world = World(1, [current_code()] * 2)
    region = world.regions[0]
    for number in range(5):
        world.client(BOTH, region).create_thing(thingName=f"t{number}")
    # Alone, so that time is short but no call fails.
    world.is_faulty = True
    with patch("tests.simulation.world._SLOW", 0.2):
        world.compare(region)
        assert world.drain()
    lease = world.tables[region].items[COMPARISON_KEY, region]
    assert int(lease["step"]["N"]) > 2
    assert "ended" in lease


@pytest.mark.exhaustive
@pytest.mark.parametrize("begin", range(100, 300, 25))
def test_regions_converge_in_many_schedules(begin: int) -> None:
    assert [text for seed in range(begin, begin + 25) if (text := report(seed))] == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("upgrade", ["forwards", "backwards"])
def test_regions_converge_that_are_upgraded_one_after_the_other(upgrade: str) -> None:
    older = Code(replacements(HERE / "older.toml")["older"])
    texts = (report(seed, older=older, upgrade=upgrade) for seed in range(300, 350))
    assert [text for text in texts if text] == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", sorted(MISTAKES.keys() - DIRECTED.keys()))
def test_a_mistake_in_the_functions_is_found(name: str) -> None:
    code = Code(MISTAKES[name])
    assert any(not holds(seed, code) for seed in range(_ENOUGH)), f"{name} is not found"


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", DIRECTED)
def test_a_rare_mistake_is_found_by_a_test_of_its_own(name: str, tmp_path: Path) -> None:
    for part in ("functions", "tests", "pyproject.toml"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "functions").unlink()
    shutil.copytree(ROOT / "functions", tmp_path / "functions")
    for piece in MISTAKES[name]:
        file, text = piece.applied(tmp_path)
        file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", DIRECTED[name]]
    trial = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert trial.returncode == 1, trial.stdout
