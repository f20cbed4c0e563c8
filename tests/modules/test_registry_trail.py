"""The bucket of a trail."""

import pytest

from environments.regions import LONGEST_REGION
from modules.registry_trail import trail_bucket_name


def test_it_is_named_after_its_region() -> None:
    assert trail_bucket_name("example-iot-dev-", "eu-west-1") == "example-iot-dev-trail-eu-west-1"


@pytest.mark.parametrize("length", range(40, 64 - len(LONGEST_REGION)))
def test_wherever_a_state_bucket_fits_it_fits_too(length: int) -> None:
    prefix = "x" * (length - 1) + "-"
    names = {trail_bucket_name(prefix, region) for region in (LONGEST_REGION, "eu-west-1")}
    assert len(names) == 2
    assert all(len(name) <= 63 and name.startswith(prefix[:39]) for name in names)
