"""The function as Lambda loads it; that it works is seen from its zip (tests/modules)."""

import importlib
import sys

import pytest

from functions.probe.variables import VariablesError

MODULE = "functions.telemetry.handler"
VARIABLES = ("TELEMETRY_TABLE", "TELEMETRY_FAILED_QUEUE", "TELEMETRY_ENVIRONMENT", "AWS_REGION")


def test_without_its_variables_it_stops_before_its_first_batch_and_names_them_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    with pytest.raises(VariablesError) as refusal:
        importlib.import_module(MODULE)
    assert all(f"{name} is not set" in str(refusal.value) for name in VARIABLES)
