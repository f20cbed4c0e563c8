"""The account and the region whose registry is captured."""

import re
from dataclasses import dataclass

from functions.registry.entity import EntityError

_ARN = re.compile(r"arn:aws[a-z-]*:iot:([a-z0-9-]*):([0-9]*):([a-z]+)/([^/]+)")


@dataclass(frozen=True)
class AccountRegion:
    """An account id and a region, against which events are checked."""

    account_id: str
    region: str

    def refuse_other_account(self, account_id: object) -> None:
        """Raise EntityError for another account."""
        if account_id != self.account_id:
            raise EntityError(f"it is from account {account_id!r}, not {self.account_id}")

    def refuse_other_region(self, region: object) -> None:
        """Raise EntityError for another region."""
        if region != self.region:
            raise EntityError(f"it is from region {region!r}, not {self.region}")

    def resource(self, arn: str) -> tuple[str, str] | None:
        """Return type and name of an ARN of IoT Core, such as `cert` and the id.

        None for another ARN. Raises EntityError if it is of another account or region.
        """
        match = _ARN.fullmatch(arn)
        if match is None:
            return None
        self.refuse_other_region(match[1])
        self.refuse_other_account(match[2])
        return match[3], match[4]
