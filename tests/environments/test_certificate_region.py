"""The region of the validation record, and the regions of a step of a change of `regions`."""

import json
from pathlib import Path

import pytest

from environments.errors import SettingsError
from environments.loader import REGION_STEP, load, parse
from tests.environments.files import VALID
from tests.support.settings import settings

CONTENT = VALID.encode()


def test_by_default_the_zone_s_stack_has_the_certificate_of_home_alone() -> None:
    plain = settings()
    assert plain.certificate_region is None
    assert [plain.is_certificate_in_zone(region) for region in plain.regions] == [True, False]
    named = settings(certificate_region="eu-central-1")
    assert not any(named.is_certificate_in_zone(region) for region in named.regions)


def test_the_record_of_a_zone_that_is_looked_up_belongs_to_nobody_here() -> None:
    text = CONTENT + b"certificate_region: eu-central-1\n"
    assert parse(text, "dev").certificate_region == "eu-central-1"
    with pytest.raises(SettingsError) as error:
        parse(
            text.replace(b"zone: {create: true, delegation: manual}", b"zone: {lookup: true}"),
            "dev",
        )
    (mistake,) = error.value.mistakes
    assert mistake.key == "certificate_region"
    assert "must be null" in mistake.message


def test_a_step_replaces_the_regions_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_bytes(CONTENT)
    step = {
        "regions": ["eu-west-1", "eu-north-1"],
        "leaving_regions": ["eu-central-1"],
        "primary_region": "eu-north-1",
    }
    loaded = load("dev", {REGION_STEP: json.dumps(step)}, tmp_path)
    assert loaded.regions == ("eu-west-1", "eu-north-1")
    assert loaded.leaving_regions == ("eu-central-1",)
    assert loaded.role("eu-north-1") == "primary"
    assert load("dev", {}, tmp_path).leaving_regions == ()


@pytest.mark.parametrize("step", ["x", "[1]", "1"])
def test_a_step_that_deploy_did_not_set_is_refused(tmp_path: Path, step: str) -> None:
    (tmp_path / "dev.yaml").write_bytes(CONTENT)
    with pytest.raises(SettingsError, match=f"^{REGION_STEP}: .* is not a step of iot-dr deploy"):
        load("dev", {REGION_STEP: step}, tmp_path)
