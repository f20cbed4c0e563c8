"""CloudTrail trails: room for those of the stacks, or one of the account that logs calls."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from iot_dr.common.plain_text import plain
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.account_quotas import ACCOUNT_QUOTAS
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok
from iot_dr.terraform_json.listing import listing
from modules.registry_sources import CALL_EVENT

_WRITES: Final = ("All", "WriteOnly")


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield whether each region's trails suffice."""
    data = account.settings.data
    if data is None:
        yield ok("without data, none is needed")
        return
    yield from account.in_regions(partial(_room if data.create_trail else _logged, account))


def _room(account: Account, region: str) -> Iterator[AccountFinding]:
    new = account.to_create("aws_cloudtrail", region)
    limit = ACCOUNT_QUOTAS["trails"].default
    names = [plain(each["Name"]) for each in _trails(account, region)]
    used = f"{len(names)} used of {limit}"
    if len(names) + len(new) <= limit:
        yield ok(f"{used}, {len(new)} more needed", region)
        return
    yield missing(
        f"{used} ({listing(names)}), and {len(new)} more is needed; AWS does not raise this quota",
        "delete a trail that is not needed, or set data.create_trail to false: then one that logs"
        " management events is used",
        region=region,
        blocks=True,
    )


def _logged(account: Account, region: str) -> Iterator[AccountFinding]:
    call = account.clients.call
    for trail in _trails(account, region):
        # Of another account or region, only the ARN is known here.
        arn = trail["TrailARN"]
        if not call("cloudtrail", region, "get_trail_status", Name=arn)["IsLogging"]:
            continue
        if _has_writes(call("cloudtrail", region, "get_event_selectors", TrailName=arn)):
            yield ok(f"{plain(trail['Name'])} logs management events that write", region)
            return
    yield missing(
        "no trail logs management events that write, and data.create_trail is false: changes of"
        " certificates and policies would wait for a reconciliation",
        "let a trail of the account or its organization log them, or set data.create_trail to true",
        region=region,
        blocks=True,
    )


def _trails(account: Account, region: str) -> list[dict[str, Any]]:
    """Return the trails that count in a region: also those of other regions and organizations.

    docs.aws.amazon.com/awscloudtrail/latest/userguide/create-multiple-trails.html.
    """
    return account.clients.call("cloudtrail", region, "describe_trails")["trailList"]


def _has_writes(answer: Mapping[str, Any]) -> bool:
    """Whether event selectors of either kind take calls to AWS IoT that write.

    docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html.
    """
    return any(
        selector["IncludeManagementEvents"] and selector["ReadWriteType"] in _WRITES
        for selector in answer.get("EventSelectors") or ()
    ) or any(
        _takes_writes({field["Field"]: field for field in selector["FieldSelectors"]})
        for selector in answer.get("AdvancedEventSelectors") or ()
    )


def _takes_writes(fields: Mapping[str, Mapping[str, Any]]) -> bool:
    others = fields.keys() - {"eventCategory", "readOnly", "eventSource"}
    return (
        not others
        and fields["eventCategory"].get("Equals") == ["Management"]
        and fields.get("readOnly", {}).get("Equals", ["false"]) == ["false"]
        and CALL_EVENT["eventSource"] not in fields.get("eventSource", {}).get("NotEquals", ())
        and "Equals" not in fields.get("eventSource", {})
    )
