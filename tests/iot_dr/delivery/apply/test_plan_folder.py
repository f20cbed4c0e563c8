"""What must hold of a plan file before it is applied."""

import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from iot_dr.delivery.apply.plan_folder import (
    ChangedPlanError,
    PlanFolder,
    require_plan_of_this_code,
)
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack
from tests.support.refusal import refusal

CODE = b'{"resource": {}}'
ROOT = ("tfconfig/m-/cdk.tf.json", CODE)
MODULES = ("tfconfig/modules.json", b'[\n  {\n    "Key": "",\n    "Dir": "."\n  }\n]')
CHILD = b'[{"Key": "", "Dir": "."}, {"Key": "a", "Source": "./a", "Dir": "a"}]'


def plan(*parts: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (("tfplan", b"x"), *parts):
            archive.writestr(name, content)
    return file.getvalue()


def test_a_plan_of_this_code_is_accepted() -> None:
    own = plan(ROOT, MODULES, ("tfstate", b"any"))
    assert refusal(require_plan_of_this_code, own, CODE) == ""


@pytest.mark.parametrize(
    "parts",
    [
        [("tfconfig/m-/cdk.tf.json", b"{}"), MODULES],
        [ROOT, MODULES, ("tfconfig/m-/more_override.tf.json", CODE)],
        [ROOT, ("tfconfig/modules.json", CHILD), ("tfconfig/m-a/main.tf", b"")],
        [ROOT, ("tfconfig/modules.json", CHILD)],
        [ROOT, MODULES, ("tfconfig/m-a/main.tf", b"")],
        [ROOT],
    ],
    ids=[
        "other",
        "a file more",
        "a module more",
        "only in the manifest",
        "only there",
        "no modules",
    ],
)
def test_a_plan_of_any_other_code_is_refused(parts: Sequence[tuple[str, bytes]]) -> None:
    with pytest.raises(ChangedPlanError, match="code or settings have changed"):
        require_plan_of_this_code(plan(*parts), CODE)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_plan_with_two_files_of_one_name_is_refused() -> None:
    with pytest.raises(ChangedPlanError, match="code or settings have changed"):
        require_plan_of_this_code(plan(("tfconfig/m-/cdk.tf.json", b"{}"), ROOT, MODULES), CODE)


def test_other_files_than_plans_are_refused() -> None:
    with pytest.raises(ChangedPlanError, match="is not of a stack of this platform"):
        require_plan_of_this_code(plan(MODULES), CODE)


@pytest.mark.usefixtures("bounded")
def test_a_pipe_in_the_place_of_a_plan_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "iot.tfplan")
    stack = PlannedStack(
        name="iot", what="iot", region="eu-west-1", role=None, wave=1, status="planned"
    )
    made = PlanManifest(format=1, environment="dev", provider="standin", base=None, stacks=(stack,))
    with pytest.raises(ChangedPlanError, match=r"iot\.tfplan: cannot be read: it is not a regular"):
        PlanFolder(tmp_path, made).plan(stack)
