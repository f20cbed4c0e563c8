"""The plans in a folder, a file or standard input."""

import errno
import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from iot_dr.review.read.folder import PlanSourceError, plan_source, stdin_source
from iot_dr.review.read.stack_reader import read_stacks
from iot_dr.terraform_json.json_file import JsonFileError
from iot_dr.terraform_json.plan_manifest import ManifestError, Point, Points, RecoveryForecast
from tests.support.plan_parts import create, document

PLAN = json.dumps(document(resource_changes=[create("aws_x.y", {"a": "b"})]))


def write(folder: Path, *names: str, text: str = PLAN) -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def stack(name: str, status: str = "planned", **more: Any) -> dict[str, Any]:
    parts = hashlib.sha256(PLAN.encode()).hexdigest() if status == "planned" else None
    return {
        "name": name,
        "what": "iot",
        "region": "eu-west-1",
        "role": "primary",
        "wave": 2,
        "status": status,
        "json_sha256": parts,
        "plan_sha256": parts,
        **more,
    }


def manifest(folder: Path, *stacks: dict[str, Any], **more: Any) -> Path:
    parts = {
        "format": 1,
        "environment": "dev",
        "provider": "standin",
        "base": {"ref": "HEAD", "commit": "1a2b3c4d" * 5},
        "stacks": list(stacks),
        "recovery": None,
        **more,
    }
    (folder / "manifest.json").write_text(json.dumps(parts))
    return folder


def test_every_json_file_of_a_folder_is_a_stack(tmp_path: Path) -> None:
    write(tmp_path, "zone.json", "iot.tfplan.json", "data.plan.json", "notes.txt", "zone.tfplan")
    plans = plan_source(tmp_path)
    assert [each.name for each in plans.stacks] == ["data", "iot", "zone"]
    assert {each.status for each in plans.stacks} == {"planned"}
    assert (plans.environment, plans.provider, plans.base) == (None, None, None)
    assert [len(each.review.changes) for each in read_stacks(plans)] == [1, 1, 1]


def test_one_file_is_one_stack(tmp_path: Path) -> None:
    write(tmp_path, "iot.json")
    (plans,) = plan_source(tmp_path / "iot.json").stacks
    assert (plans.name, plans.file) == ("iot", tmp_path / "iot.json")


def test_kept_plans_are_read_by_their_manifest(tmp_path: Path) -> None:
    write(tmp_path, "iot-dev-iot.json", "iot-dev-old.json")
    point = {
        "states": 2.0,
        "unnoticed": 600.0,
        "registry": 3600.0,
        "stream": 86_400.0,
        "restore": 86_400.0,
    }
    times = {"p50": 1.0, "p99": 2.0, "bound": 3.0}
    manifest(
        tmp_path,
        stack("iot-dev-iot"),
        stack("iot-dev-data", "failed", error="Error: no"),
        stack("iot-dev-entry", "waiting", waits_for=["iot-dev-data"], role=None),
        recovery={"before": times, "after": {**times, "bound": 4.0}, "target": 360},
        recovery_point={"before": None, "after": point, "is_compared": True},
        dropped=["iot-dev-gone"],
    )
    plans = plan_source(tmp_path)
    assert (plans.environment, plans.provider, plans.base) == ("dev", "stand-in", "HEAD (1a2b3c4)")
    planned, failed, waiting = plans.stacks
    assert (planned.file, planned.role) == (tmp_path / "iot-dev-iot.json", "primary")
    assert (failed.status, failed.error, failed.file) == ("failed", "Error: no", None)
    assert (waiting.status, waiting.waits_for, waiting.role) == ("waiting", ("iot-dev-data",), None)
    assert plans.recovery is not None
    assert plans.recovery.after == RecoveryForecast(1, 2, 4)
    assert plans.recovery_point == Points(before=None, after=Point(**point), is_compared=True)
    assert plans.dropped == ("iot-dev-gone",)
    assert plans.notes == ("iot-dev-old.json: ignored, not in manifest.json",)


def test_a_manifest_without_stacks_is_accepted(tmp_path: Path) -> None:
    assert plan_source(manifest(tmp_path)).stacks == ()


def test_the_base_of_a_wave_is_the_applied_state(tmp_path: Path) -> None:
    assert plan_source(manifest(tmp_path, base=None, wave=2)).base == "the applied state"
    assert plan_source(manifest(tmp_path, base=None)).base is None


def test_a_failed_apply_is_noted(tmp_path: Path) -> None:
    write(tmp_path, "one.json", "two.json")
    plans = plan_source(manifest(tmp_path, stack("one"), stack("two", was_left=True)))
    (note,) = plans.notes
    assert note.startswith("two: an earlier apply failed part-way")


def test_a_plan_with_another_hash_is_rejected(tmp_path: Path) -> None:
    write(tmp_path, "iot-dev-iot.json", text=PLAN + " ")
    with pytest.raises(
        JsonFileError, match=(r"iot-dev-iot\.json: does not have the SHA-256 in manifest")
    ):
        plan_source(manifest(tmp_path, stack("iot-dev-iot")))


def test_a_missing_plan_of_a_manifest_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(JsonFileError, match=r"manifest\.json lists it: plan again"):
        plan_source(manifest(tmp_path, stack("iot-dev-iot")))


@pytest.mark.usefixtures("bounded")
def test_a_pipe_as_manifest_is_rejected_at_once(tmp_path: Path) -> None:
    write(tmp_path, "iot.json")
    os.mkfifo(tmp_path / "manifest.json")
    with pytest.raises(ManifestError, match=r"manifest\.json: cannot be read: it is not a regular"):
        plan_source(tmp_path)


@pytest.mark.usefixtures("bounded")
def test_a_pipe_as_plan_is_rejected_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "iot-dev-iot.json")
    with pytest.raises(
        JsonFileError, match=r"iot\.json: cannot be read: it is not a regular file; "
    ):
        plan_source(manifest(tmp_path, stack("iot-dev-iot")))


@pytest.mark.parametrize(
    "parts",
    [
        {"format": 2},
        {"stacks": [stack("../../etc/passwd")]},
        {"stacks": [stack("a"), stack("a")]},
        {"stacks": [stack("a\n")]},
        {"stacks": [stack("a", json_sha256="0" * 64 + "\n")]},
        {"provider": "other_plan"},
        {"unheard": 1},
    ],
)
def test_an_invalid_manifest_is_rejected(parts: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, "a.json")
    with pytest.raises(ManifestError, match=r"manifest\.json: "):
        plan_source(manifest(tmp_path, **parts))


def test_two_files_of_one_stack_are_rejected(tmp_path: Path) -> None:
    write(tmp_path, "iot.json", "iot.tfplan.json", "zone.json")
    message = r"iot\.json, iot\.tfplan\.json are all plans of the stack iot; keep the one to review"
    with pytest.raises(PlanSourceError, match=message):
        plan_source(tmp_path)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "contains no plan: expected "),
        (("readme.md",), "contains no plan: expected "),
        (
            ("a.tfplan", "b.tfplan"),
            (r"not their JSON \(a\.tfplan, b\.tfplan\); convert each: terraf"),
        ),
        (("inner/a.json",), r"subfolders contain JSON \(inner\): name one of them"),
    ],
)
def test_a_folder_without_a_plan_is_rejected(
    names: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    write(tmp_path, *names)
    with pytest.raises(PlanSourceError, match=message) as raised:
        plan_source(tmp_path)
    assert str(raised.value).startswith(str(tmp_path))


def test_a_missing_file_is_rejected_when_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(JsonFileError, match="No such file"):
        read_stacks(plan_source(tmp_path / "absent"))


def test_other_json_in_the_folder_is_rejected(
    tmp_path: Path,
) -> None:
    write(tmp_path, "iot.json")
    write(tmp_path, "package.json", text='{"name": "x"}')
    with pytest.raises(JsonFileError, match=r"package\.json: is JSON, but not Terraform"):
        read_stacks(plan_source(tmp_path))


def streamed(text: str) -> list[tuple[str, int]]:
    source = stdin_source(io.TextIOWrapper(io.BytesIO(text.encode())))
    return [(each.review.name, len(each.review.changes)) for each in read_stacks(source)]


@pytest.mark.parametrize("text", [PLAN, PLAN + "\n", json.dumps(json.loads(PLAN), indent=2)])
def test_standard_input_may_be_one_plan(text: str) -> None:
    assert streamed(text) == [("plan", 1)]


@pytest.mark.parametrize("end", ["", "\n", "\r\n\n"])
def test_standard_input_may_be_a_plan_on_each_line(end: str) -> None:
    other_plan = json.dumps(document(resource_changes=[]))
    text = f"{PLAN}\n{other_plan}\n\n{PLAN}{end}"
    assert streamed(text) == [("plan-1", 1), ("plan-2", 0), ("plan-3", 1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"standard input \(plan\): is empty"),
        ("{}\nnonsense", r"standard input \(plan\): line 2: text after the JSON value"),
        (f"{PLAN}\n{{}}", r"standard input \(plan-2\): is JSON, but not Terraform"),
        ('{"@level": "info"}\n{"@level": "info"}', r"plan-1\): is Terraform's log"),
    ],
)
def test_standard_input_without_a_plan_is_rejected(text: str, message: str) -> None:
    with pytest.raises(JsonFileError, match=message):
        streamed(text)


def test_endless_standard_input_is_rejected() -> None:
    class Endless(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return bytes(size or 0)

    with pytest.raises(PlanSourceError, match="standard input: larger than 1024 MiB"):
        stdin_source(io.TextIOWrapper(Endless()))


def test_closed_standard_input_is_rejected() -> None:
    with pytest.raises(PlanSourceError, match="standard input: closed; pipe a plan into it"):
        stdin_source(None)


def test_unreadable_standard_input_is_rejected(tmp_path: Path) -> None:
    class Folder(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(tmp_path))

    with pytest.raises(PlanSourceError, match=r"input: cannot be read: Is a directory$"):
        stdin_source(io.TextIOWrapper(Folder()))


@pytest.mark.usefixtures("bounded")
def test_a_pipe_in_the_folder_is_ignored(tmp_path: Path) -> None:
    write(tmp_path, "iot.json")
    os.mkfifo(tmp_path / "pipe.json")
    assert [each.name for each in plan_source(tmp_path).stacks] == ["iot"]
