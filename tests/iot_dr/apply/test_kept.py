"""What must hold of a plan file before it is applied."""

import io
import zipfile
from collections.abc import Sequence

import pytest

from iot_dr.apply.kept import ChangedPlanError, refuse_other_code

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
    refuse_other_code(plan(ROOT, MODULES, ("tfstate", b"any")), CODE)


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
    ids=["other", "a file more", "a module more", "only told of", "only there", "no modules"],
)
def test_a_plan_of_any_other_code_is_refused(parts: Sequence[tuple[str, bytes]]) -> None:
    with pytest.raises(ChangedPlanError, match="code or settings have changed"):
        refuse_other_code(plan(*parts), CODE)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_plan_with_two_files_of_one_name_is_refused() -> None:
    with pytest.raises(ChangedPlanError, match="code or settings have changed"):
        refuse_other_code(plan(("tfconfig/m-/cdk.tf.json", b"{}"), ROOT, MODULES), CODE)


def test_what_is_no_plan_file_is_refused() -> None:
    with pytest.raises(ChangedPlanError, match="is none of a stack of ours"):
        refuse_other_code(plan(MODULES), CODE)
