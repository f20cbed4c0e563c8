from pathlib import Path

import pytest

from iot_dr.common.user_error import UsageError
from iot_dr.delivery.apply.kept import ChangedPlanError
from iot_dr.delivery.pipeline.plans_digest import plans_sha256, refuse_other_plans
from iot_dr.terraform_json.plan_manifest import FILE


def folder(place: Path, manifest: str = "one", review: str = "two") -> tuple[Path, Path]:
    place.mkdir()
    (place / FILE).write_text(manifest, encoding="utf-8")
    file = place / "review.json"
    file.write_text(review, encoding="utf-8")
    return place, file


def test_the_same_plans_and_review_have_the_same_digest_wherever_they_lie(tmp_path: Path) -> None:
    approved = plans_sha256(*folder(tmp_path / "a"))
    assert len(approved) == 64
    refuse_other_plans(*folder(tmp_path / "b"), approved)


@pytest.mark.parametrize(
    ("manifest", "review"), [("one ", "two"), ("one", "two "), ("two", "one"), ("onet", "wo")]
)
def test_any_others_are_refused_with_both_digests(
    tmp_path: Path, manifest: str, review: str
) -> None:
    approved = plans_sha256(*folder(tmp_path / "a"))
    other = folder(tmp_path / "b", manifest, review)
    with pytest.raises(ChangedPlanError, match="are not what was planned and approved") as error:
        refuse_other_plans(*other, approved)
    assert {approved, plans_sha256(*other)} <= set(str(error.value).replace(",", "").split())
    assert error.value.status == 1


def test_no_digest_is_that_of_no_plans(tmp_path: Path) -> None:
    with pytest.raises(ChangedPlanError, match="an empty one was expected"):
        refuse_other_plans(*folder(tmp_path / "a"), "")


@pytest.mark.parametrize("name", [FILE, "review.json"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    made = folder(tmp_path / "a")
    (tmp_path / "a" / name).unlink()
    with pytest.raises(UsageError, match=f"{name}: cannot be read"):
        plans_sha256(*made)
