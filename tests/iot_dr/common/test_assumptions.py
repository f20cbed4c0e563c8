"""The ledger of what is assumed of AWS."""

import re

from iot_dr.acceptance.catalogue import STEPS
from iot_dr.acceptance.probes.catalogue import PROBES
from iot_dr.common.assumptions import ledger, reference, used
from tests.support.assumptions_page import PAGE, page


def test_every_assumption_has_an_id_of_its_own_a_source_and_something_that_depends_on_it() -> None:
    ids = [each.id for each in ledger()]
    assert len(ids) == len(set(ids))
    for assumption in ledger():
        assert re.fullmatch(r"[a-z0-9-]+", assumption.id)
        assert assumption.statement.endswith(".")
        assert assumption.source
        assert assumption.depends


def test_every_probe_is_a_step_or_a_single_probe_and_every_single_probe_is_of_an_assumption() -> (
    None
):
    named = {name for each in ledger() for name in each.probes}
    single = {step.name for step in PROBES}
    assert named <= single | {step.name for step in STEPS}
    assert single <= named


def test_the_page_is_that_of_the_ledger() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_a_command_names_the_assumptions_about_the_parts_of_its_design() -> None:
    without, with_switch = used("prove", {"always"}), used("prove", {"always", "switch"})
    assert set(with_switch) - set(without) >= {"alarm-keeps-state", "check-keeps-status"}
    assert reference(["a", "b"]) == "a, b (docs/reference/assumptions.md)"
