"""Where `iot-dr plan` keeps its plans."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from iot_dr.cli import plan_run
from iot_dr.cli.plan_run import PlanOptions, run
from iot_dr.common.user_error import UsageError, UserError
from iot_dr.delivery.kept_plans import Making, keep
from iot_dr.delivery.planning import PlanRequest
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack
from tests.support.full_disk import largest_file


def options(out: Path) -> PlanOptions:
    return PlanOptions(
        environment="dev",
        provider="standin",
        base=None,
        wave=None,
        keep=out,
        jobs=1,
        timeout=10,
        detailed_exitcode=False,
        as_json=True,
    )


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Plan nothing, and keep that as it is kept; gives the folders that it was to be kept in."""
    folders: list[Path] = []

    @contextmanager
    def nothing(request: PlanRequest, _listeners: object) -> Generator[tuple[None, list[None]]]:
        assert request.keep is not None
        assert request.keep.is_dir()
        folders.append(request.keep)
        keep(request.keep, Making(request.settings, request.provider, None, None), [])
        yield None, []

    monkeypatch.setattr(plan_run, "planned", nothing)
    return folders


def test_the_folder_is_there_before_anything_is_planned(
    planned: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "a" / "plans"
    assert run(options(out)) == 0
    assert planned == [out]
    assert [each.name for each in out.iterdir()] == ["manifest.json"]


def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_is_planned(
    planned: list[Path], tmp_path: Path
) -> None:
    file = tmp_path / "plans"
    file.touch()
    for out in (file, file / "below"):
        with pytest.raises(UsageError, match=f"^--out {out}: is no folder; name another one$"):
            run(options(out))
    assert planned == []


def test_the_plans_that_a_former_manifest_names_go_and_nothing_else(
    planned: list[Path], tmp_path: Path
) -> None:
    former = PlannedStack(
        name="iot-dev-state", what="state", region="eu-west-1", role=None, wave=1, status="planned"
    )
    made = PlanManifest(
        format=1, environment="dev", provider="standin", wave=1, base=None, stacks=(former,)
    )
    for name in ("iot-dev-state.tfplan", "iot-dev-state.json", "mine.json", "mine.tfplan"):
        (tmp_path / name).touch()
    (tmp_path / "manifest.json").write_bytes(made.encoded())
    assert run(options(tmp_path)) == 0
    assert planned == [tmp_path]
    left = {each.name for each in tmp_path.iterdir()}
    assert left == {"manifest.json", "mine.json", "mine.tfplan"}


def test_plans_that_cannot_be_kept_are_told_with_the_option(
    planned: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "manifest.json").mkdir()
    said = f"^--out {tmp_path}: the plans cannot be kept: Is a directory$"
    with pytest.raises(UserError, match=said) as caught:
        run(options(tmp_path))
    assert (planned, caught.value.status) == ([tmp_path], 1)


def test_plans_without_room_are_told_with_what_to_do(planned: list[Path], tmp_path: Path) -> None:
    told = "kept: File too large; make room there, and run this again$"
    with pytest.raises(UserError, match=told), largest_file(100):
        run(options(tmp_path))
    assert (planned, list(tmp_path.iterdir())) == ([tmp_path], [])
