"""Health checks that are found in Route 53, however many an account has."""

from typing import Any, cast

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.checks import find_check_ids
from tests.iot_dr.observe.status.world import SETTINGS, WEST


class LargeAccount:
    """The pages of 2,000 health checks, of which the last one is the western region's."""

    def call(self, service: str, region: str, method: str, **arguments: Any) -> dict[str, Any]:
        assert (service, region, method) == ("route53", "us-east-1", "list_health_checks")
        first = int(arguments.get("Marker", "0"))
        checks = [
            {
                "Id": str(number),
                "HealthCheckConfig": {"Type": "TCP", "FullyQualifiedDomainName": name},
            }
            for number in range(first, first + 100)
            for name in [SETTINGS.regional_name(WEST) if number == 1999 else "other.example.com"]
        ]
        return {"HealthChecks": checks, "IsTruncated": first < 1900, "NextMarker": str(first + 100)}


def test_the_check_on_the_last_of_twenty_pages_is_found() -> None:
    assert find_check_ids(SETTINGS, cast("Clients", LargeAccount())) == {WEST: {"tcp": "1999"}}
