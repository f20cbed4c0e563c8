"""The regions: the account may use them."""

from collections.abc import Iterator

from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok

_OFF = "not-opted-in"


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield whether each region is enabled; raises AwsError if EC2 does not answer.

    docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Region.html (OptInStatus)
    """
    answer = account.clients.call(
        "ec2", account.settings.home_region, "describe_regions", AllRegions=True
    )
    listed = {each["RegionName"]: each.get("OptInStatus", _OFF) for each in answer["Regions"]}
    for region in account.settings.state_buckets:
        if listed.get(region, _OFF) == _OFF:
            yield missing(
                "the region is not enabled in this account",
                "enable it, which takes minutes to hours",
                f"aws account enable-region --region-name {region}",
                region=region,
                blocks=True,
            )
        else:
            yield ok("enabled", region)
