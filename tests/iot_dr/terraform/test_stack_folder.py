"""The folder of a stack: what is copied of it, who holds its lock, and what other stacks read."""

import json
from pathlib import Path
from typing import Any

import pytest

from iot_dr.terraform.hand_over import HandOver, hand_overs
from iot_dr.terraform.lock_holder import holder_in
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform.workspace import StackNotFoundError, copy_stack


def stack_in(folder: Path) -> Path:
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "canary.zip").write_bytes(b"zip")
    (folder / "cdk.tf.json").write_text(json.dumps({"//": "unedited"}))
    (folder / ".terraform.lock.hcl").write_text("the real provider's")
    (folder / "terraform.tfstate").write_text("{}")
    return folder


def test_the_stack_and_its_assets_are_copied_unedited(tmp_path: Path) -> None:
    stack = stack_in(tmp_path / "stack")
    scratch = tmp_path / "scratch" / "stack"
    copy_stack(stack, scratch)
    assert (scratch / "cdk.tf.json").read_bytes() == (stack / "cdk.tf.json").read_bytes()
    assert (scratch / "assets" / "canary.zip").read_bytes() == b"zip"


def test_lock_files_and_states_of_other_runs_stay_behind(tmp_path: Path) -> None:
    copy_stack(stack_in(tmp_path / "stack"), tmp_path / "scratch")
    names = {path.name for path in (tmp_path / "scratch").iterdir()}
    assert names == {"assets", "cdk.tf.json"}


def test_a_folder_without_a_stack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackNotFoundError, match=r"no cdk\.tf\.json here"):
        copy_stack(tmp_path, tmp_path / "scratch")


@pytest.mark.parametrize("content", [b"[" * 100_000, b"{}", b"\xff", b'{"ID": 1}', b""])
def test_another_file_names_no_holder(content: bytes) -> None:
    assert holder_in(content) is None


def upstream() -> StackDocument:
    return StackDocument({"terraform": {"backend": {"s3": {"key": "dev/zone.tfstate"}}}})


def reader(*outputs: str) -> StackDocument:
    state = "data.terraform_remote_state.zone.outputs"
    read = {f"r{output}": f"${{{state}.{output}}}" for output in outputs}
    return StackDocument(
        {
            "terraform": {"backend": {"s3": {"key": "dev/reader.tfstate"}}},
            "data": {"terraform_remote_state": {"zone": {"config": {"key": "dev/zone.tfstate"}}}},
            "resource": {"aws_x": {"r": {"//": {"metadata": {"path": "dev/reader/r"}}, **read}}},
        }
    )


def applied(**outputs: Any) -> dict[str, Any]:
    output_values = {
        name: {"value": value, "sensitive": name == "token"} for name, value in outputs.items()
    }
    return {"prior_state": {"values": {"outputs": output_values} if outputs else {}}}


def test_only_what_is_read_is_handed_over_and_each_output_once_a_reader() -> None:
    documents = {"zone": upstream(), "reader": reader("id", "id")}
    outputs_read = hand_overs(documents, [applied(id="Z1", unread="x"), applied()])
    assert outputs_read == [
        HandOver(output="id", key="dev/zone.tfstate", value="Z1", consumer="reader")
    ]


def test_a_sensitive_value_is_not_shown() -> None:
    documents = {"zone": upstream(), "reader": reader("token")}
    (outputs_read,) = hand_overs(documents, [applied(token="hidden"), applied()])
    assert outputs_read.value == "(sensitive)"


def test_a_stack_whose_state_is_empty_hands_nothing_over() -> None:
    documents = {"zone": upstream(), "gone": upstream(), "reader": reader("id")}
    plans = [applied(id="Z1"), {"planned_values": {"root_module": {}}}, applied()]
    documents["gone"].content["terraform"]["backend"]["s3"]["key"] = "dev/gone.tfstate"
    assert [each.value for each in hand_overs(documents, plans)] == ["Z1"]


def test_the_construct_behind_an_address_is_named_by_its_path() -> None:
    assert reader("id").construct_path("aws_x.r") == "dev/reader/r"
    assert reader("id").construct_path("aws_x.other") is None
    assert reader("id").construct_path(None) is None


def test_a_stack_without_a_backend_keeps_its_state_locally() -> None:
    assert StackDocument({}).backend == ("local", {})
    assert upstream().backend == ("s3", {"key": "dev/zone.tfstate"})
