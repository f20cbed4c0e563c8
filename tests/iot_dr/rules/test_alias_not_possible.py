import pytest

from iot_dr.rules.alias_not_possible import RULE
from tests.iot_dr.rules.designs import judged

DISTRIBUTION = "${aws_cloudfront_distribution.site.domain_name}"


def messages(target: str, *, flag: object) -> list[str]:
    record = {
        "zone_id": "Z1",
        "name": "app.example.com",
        "type": "A",
        "alias": {"name": target, "zone_id": "Z2", "evaluate_target_health": flag},
    }
    site = {"site": {"enabled": True}}
    resource = {"aws_route53_record": {"app": record}, "aws_cloudfront_distribution": site}
    return [finding.message for finding in judged(RULE, {"dns": {"resource": resource}})]


@pytest.mark.parametrize("target", ["d111111abcdef8.cloudfront.net", DISTRIBUTION])
@pytest.mark.parametrize(("flag", "count"), [(True, 1), ("true", 1), (False, 0), ("${var.a}", 0)])
def test_the_health_of_cloudfront_cannot_be_evaluated(
    target: str, flag: object, count: int
) -> None:
    listed = messages(target, flag=flag)
    assert len(listed) == count
    assert all(message.startswith("Route 53 refuses") for message in listed)


@pytest.mark.parametrize("target", ["app.eu-west-1.elb.amazonaws.com", "other.example.com"])
def test_the_health_of_other_targets_can(target: str) -> None:
    assert messages(target, flag=True) == []


@pytest.mark.parametrize("target", ["app.example.com", "App.example.com."])
def test_an_alias_of_its_own_name_is_refused(target: str) -> None:
    (message,) = messages(target, flag=False)
    assert "points at its own name" in message
