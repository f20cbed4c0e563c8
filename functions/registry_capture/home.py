"""The account and the region whose registry is captured."""

import re
from dataclasses import dataclass

from functions.registry.entity import EntityError

_ARN = re.compile(r"arn:aws[a-z-]*:iot:([a-z0-9-]*):([0-9]*):([a-z]+)/([^/]+)")


@dataclass(frozen=True)
class Home:
    """An account's id and one region of it."""

    account_id: str
    region: str

    def refuse_other_account(self, account_id: object) -> None:
        """Raise EntityError for what is of another account."""
        if account_id != self.account_id:
            raise EntityError(f"it is of account {account_id!r}, not of {self.account_id}")

    def refuse_other_region(self, region: object) -> None:
        """Raise EntityError for what is of another region."""
        if region != self.region:
            raise EntityError(f"it is of region {region!r}, not of {self.region}")

    def resource(self, arn: str) -> tuple[str, str] | None:
        """Give type and name from an ARN of IoT Core, such as `cert` and the id; None: no such ARN.

        Raises EntityError when it is of another account or region.
        """
        match = _ARN.fullmatch(arn)
        if match is None:
            return None
        self.refuse_other_region(match[1])
        self.refuse_other_account(match[2])
        return match[3], match[4]
