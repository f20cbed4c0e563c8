"""Lambda's concurrency: enough for what the functions reserve."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Final

from iot_dr.design.functions import RESERVED, limit_of
from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.account_quotas import ACCOUNT_QUOTAS
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok
from iot_dr.terraform_json.resource import Resource

# Lambda keeps 100 for functions without a reservation, and refuses others:
# docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
_KEPT: Final = 100
_QUOTA: Final = ACCOUNT_QUOTAS["Lambda concurrency"].code


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield whether each region's functions can reserve what their stacks say."""
    return account.in_regions(partial(_in_region, account))


def _in_region(account: Account, region: str) -> Iterator[AccountFinding]:
    reserving = [
        (function, int(wanted))
        for function in account.of_type("aws_lambda_function", region)
        if (wanted := limit_of(account.resources, function, RESERVED)) and math.isfinite(wanted)
    ]
    limits = account.clients.call("lambda", region, "get_account_settings")["AccountLimit"]
    limit, free = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]
    if not reserving:
        yield ok(f"{free} unreserved of {limit}, and no function reserves any", region)
        return
    more = sum(wanted - _reserved(account, region, function) for function, wanted in reserving)
    shortage = more + _KEPT - free
    if shortage <= 0:
        yield ok(f"{free} unreserved of {limit}, and the functions reserve {more} more", region)
        return
    yield missing(
        f"{free} unreserved of {limit}: the functions reserve {more} more, and Lambda keeps"
        f" {_KEPT} unreserved",
        f"request a quota of at least {limit + shortage}, or reserve less by the setting"
        " reserved_concurrency",
        "aws service-quotas request-service-quota-increase --service-code lambda"
        f" --quota-code {_QUOTA} --desired-value {limit + shortage} --region {region}",
        region=region,
        blocks=True,
    )


def _reserved(account: Account, region: str, function: Resource) -> int:
    """Return what an existing function reserves already; 0 if it does not exist."""
    name = function.values["function_name"]
    try:
        answer = account.clients.call(
            "lambda", region, "get_function_concurrency", FunctionName=name
        )
    except RequestRefusedError as error:
        if error.code == "ResourceNotFoundException":
            return 0
        raise
    return int(answer.get("ReservedConcurrentExecutions", 0))
