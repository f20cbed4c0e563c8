import pytest

from environments.settings import Settings
from iot_dr.rules.catalogue import RULES
from tests.iot_dr.rules.designs import judged, our_settings, ours, ours_with_data
from tests.support.settings import with_data

DESIGNS = [
    (2, "eu-west-1", "deep"),
    (2, "eu-central-1", "deep"),
    (2, "eu-west-1", "shallow"),
    (3, "eu-north-1", "deep"),
    pytest.param(5, "us-east-2", "deep", marks=pytest.mark.exhaustive),
]


@pytest.mark.parametrize(("regions", "primary", "mode"), DESIGNS)
def test_our_own_designs_lack_only_the_devices_of_another_region(
    regions: int, primary: str, mode: str
) -> None:
    documents = ours(regions, primary, mode)
    choices: tuple[Settings | None, ...] = (None, our_settings(regions, primary, mode))
    for known in choices:
        names = [each.rule for rule in RULES for each in judged(rule, documents, known)]
        assert names == (["devices-unknown-in-standby"] if known else [])


def test_our_own_design_with_the_data_of_devices_gives_no_finding() -> None:
    documents = ours_with_data(3)
    assert "iot-dev-data" in documents
    choices: tuple[Settings | None, ...] = (None, with_data(our_settings(3)))
    for known in choices:
        assert [each for rule in RULES for each in judged(rule, documents, known)] == []


def test_one_stack_of_ours_alone_gives_no_finding() -> None:
    for name, document in ours_with_data(3).items():
        assert [each for rule in RULES for each in judged(rule, {name: document})] == []
