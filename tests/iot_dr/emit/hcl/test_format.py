from hypothesis import given
from hypothesis import strategies as st

from iot_dr.emit.hcl import written
from tests.iot_dr.emit.hcl.batches import batches
from tests.iot_dr.emit.hcl.expressions import expressions
from tests.iot_dr.emit.hcl.terraform_folder import TerraformFolder, no_blocks


@batches
@given(cases=st.lists(expressions(), min_size=60, max_size=80))
def test_terraform_would_format_no_expression_otherwise(
    cases: list[str], terraform: TerraformFolder
) -> None:
    values = {f"x{index}": f"${{{case}}}" for index, case in enumerate(cases)}

    assert terraform.unformatted(written({"locals": values}, no_blocks)) == ""
