import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from tests.iot_dr.terraform.standin.services.kind import Kind

NAMED = {
    "aws_cloudwatch_log_group": "name",
    "aws_iam_role": "name",
    "aws_s3_bucket": "bucket",
    "aws_sns_topic": "name",
}


@pytest.mark.parametrize(("type_name", "argument"), NAMED.items())
def test_a_name_is_the_configuration_s_or_begins_as_it_says_or_is_made_up(
    cache: SchemaCache, type_name: str, argument: str
) -> None:
    kind, prefix = Kind(cache, type_name), f"{argument}_prefix"
    given = kind.apply(**{argument: "own"})
    assert (given[argument], given[prefix]) == ("own", "")
    begun = [kind.apply(**{prefix: "own-"}) for _ in range(2)]
    assert {each[prefix] for each in begun} == {"own-"}
    assert all(each[argument].startswith("own-") for each in begun)
    assert begun[0][argument] != begun[1][argument]
    left = kind.apply()
    assert left[argument].startswith("terraform-")
    assert left[prefix] == "terraform-"
