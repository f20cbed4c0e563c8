"""Service-linked roles, which AWS creates on behalf of a caller who may."""

from collections.abc import Iterator
from typing import Final

from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, later, ok
from modules.global_region import GLOBAL_REGION
from modules.permissions.catalogue import CATALOGUE

_ACTION: Final = "iam:CreateServiceLinkedRole"


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield the roles of the synthesized types; raises AwsError if IAM does not answer."""
    roles = sorted(_roles(account))
    if not roles:
        yield ok("the stacks need none")
    for service, role in roles:
        try:
            account.clients.call("iam", GLOBAL_REGION, "get_role", RoleName=role)
        except RequestRefusedError as error:
            if error.code != "NoSuchEntity":
                raise
            yield later(
                f"{role}: by AWS, for a caller with {_ACTION}",
                "without that permission, let somebody else create it",
                f"aws iam create-service-linked-role --aws-service-name {service}",
            )
        else:
            yield ok(f"{role} exists")


def _roles(account: Account) -> set[tuple[str, str]]:
    """Return services and names of roles, from the permissions to create them (ADR 0032)."""
    arns = (
        arn
        for type_ in account.types
        for permission in CATALOGUE.get(type_, ())
        if _ACTION in permission.write
        for arn in permission.resources
    )
    paths = (arn.split("/") for arn in arns)
    return {(service, role) for *_, service, role in paths}
