"""The AWS services that the stacks use: each region has them."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok
from modules.global_region import GLOBAL_REGION
from modules.permissions.catalogue import CATALOGUE

# docs.aws.amazon.com/systems-manager/latest/userguide,
# parameter-store-public-parameters-global-infrastructure.html
_PATH: Final = "/aws/service/global-infrastructure/regions"
# IoT Core's regions in which, by that page, the path cannot be queried.
_WITHOUT_PATH: Final = frozenset(
    (
        *("ap-southeast-5", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1"),
        "me-south-1",
    )
)
# Source: docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html, Names
_MOST_NAMES: Final = 10
# Their regions say nothing: they are the same everywhere.
_GLOBAL: Final = frozenset(("iam", "route53"))


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield the services that AWS does not list for a region."""
    return account.in_regions(partial(_in_region, account))


def _in_region(account: Account, region: str) -> Iterator[AccountFinding]:
    services = _services(account, region)
    asked = next((each for each in account.settings.regions if each not in _WITHOUT_PATH), None)
    lacking: list[str] = []
    for first in range(0, len(services), _MOST_NAMES):
        answer = account.clients.call(
            "ssm",
            asked or GLOBAL_REGION,
            "get_parameters",
            Names=[
                f"{_PATH}/{region}/services/{name}"
                for name in services[first : first + _MOST_NAMES]
            ],
        )
        lacking += (name.rpartition("/")[2] for name in answer["InvalidParameters"])
    if lacking:
        yield missing(
            f"AWS does not list these services there: {', '.join(sorted(lacking))}",
            "choose another region (regions), or settings that do without them",
            region=region,
            blocks=True,
        )
    else:
        yield ok(f"all {len(services)} that the stacks use", region)


def _services(account: Account, region: str) -> list[str]:
    """Return the services of a region's resources, by the prefixes of their IAM actions."""
    types = {each.type for each in account.in_region(region)}
    actions = (
        action
        for type_ in types
        for permission in CATALOGUE.get(type_, ())
        for action in (*permission.read, *permission.write)
    )
    return sorted({action.partition(":")[0] for action in actions} - _GLOBAL)
