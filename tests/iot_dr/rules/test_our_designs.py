import pytest

from environments.settings import Settings
from iot_dr.rules.catalogue import RULES
from tests.iot_dr.rules.designs import judged, our_settings, ours

DESIGNS = [
    (2, "eu-west-1", "deep"),
    (2, "eu-central-1", "deep"),
    (2, "eu-west-1", "shallow"),
    (3, "eu-north-1", "deep"),
    (5, "us-east-2", "deep"),
]


@pytest.mark.parametrize(("regions", "primary", "mode"), DESIGNS)
def test_our_own_designs_give_no_finding(regions: int, primary: str, mode: str) -> None:
    documents = ours(regions, primary, mode)
    choices: tuple[Settings | None, ...] = (None, our_settings(regions, primary, mode))
    for known in choices:
        assert [each for rule in RULES for each in judged(rule, documents, known)] == []


def test_one_stack_of_ours_alone_gives_no_finding() -> None:
    for name, document in ours(3).items():
        assert [each for rule in RULES for each in judged(rule, {name: document})] == []
