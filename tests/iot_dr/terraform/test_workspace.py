import json
from pathlib import Path

import pytest

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
