"""Service quotas, compared with what exists and what the stacks add.

Quotas that no environment approaches are not read (`account_quotas.py`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Final

from environments.data import Data
from iot_dr.forecast.quotas import QUOTAS
from iot_dr.observe.doctor.account import Account, together
from iot_dr.observe.doctor.account_quotas import ACCOUNT_QUOTAS
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok
from iot_dr.observe.status.comparison_quota import ComparisonQuota
from iot_dr.observe.status.quota import IOT_CORE, QuotaReader, increase_command
from iot_dr.terraform_json.resource import Resource
from modules.global_region import GLOBAL_REGION

_DOMAINS: Final = "domain configurations"
_SHARDS: Final = "L-0918CF54"
# Concurrent builds by compute type; an account that is new may have none.
# docs.aws.amazon.com/general/latest/gr/codebuild.html
_BUILDS: Final = {
    "BUILD_GENERAL1_SMALL": "L-9D07B6EF",
    "BUILD_GENERAL1_MEDIUM": "L-2DC20C30",
    "BUILD_GENERAL1_LARGE": "L-4DDC4A99",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quota:
    """A quota of a region: what is used, the limit, and what the environment needs in addition.

    Without a `code` the quota cannot be requested by the command line.
    """

    what: str
    used: float
    limit: float
    needed: float
    service: str
    region: str
    code: str = ""
    is_global: bool = False

    def finding(self) -> AccountFinding:
        """Return whether the quota is enough."""
        region = "" if self.is_global else self.region
        used = f"{self.used:.0f} used of {self.limit:.0f}"
        if self.used + self.needed <= self.limit:
            return ok(f"{self.what}: {used}, {self.needed:.0f} more needed", region)
        total = self.used + self.needed
        commands = [increase_command(self.service, self.code, total, self.region)]
        return missing(
            f"{self.what}: {used}, and {self.needed:.0f} more are needed",
            f"request a quota of at least {total:.0f}"
            + ("" if self.code else f" in the console of Service Quotas ({self.service})"),
            *(commands if self.code else ()),
            region=region,
            blocks=True,
        )


_Read = Callable[[Account, str], Iterator[_Quota]]


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield each quota; those that cannot be read are unknown, each on its own."""
    everywhere: dict[str, _Read] = {
        _DOMAINS: _domains,
        "Kinesis streams": _streams,
        "concurrent builds": _builds,
    }
    reads: dict[tuple[str, str], Callable[[], Iterator[AccountFinding]]] = {
        (GLOBAL_REGION, "Route 53"): partial(_findings, account, _route53, GLOBAL_REGION),
        (GLOBAL_REGION, "IAM"): partial(_findings, account, _iam, GLOBAL_REGION),
    }
    for region in account.settings.regions:
        for what, read in everywhere.items():
            reads[region, what] = partial(_findings, account, read, region)
        reads[region, "connects"] = partial(_connects, account, region)
        if account.settings.data is not None:
            comparison = partial(_comparison, account, account.settings.data, region)
            reads[region, "comparisons"] = comparison
    return together(reads)


def _findings(account: Account, read: _Read, region: str) -> Iterator[AccountFinding]:
    return (quota.finding() for quota in read(account, region))


def _route53(account: Account, region: str) -> Iterator[_Quota]:
    for what, kind in (
        ("health checks", "MAX_HEALTH_CHECKS_BY_OWNER"),
        ("hosted zones", "MAX_HOSTED_ZONES_BY_OWNER"),
    ):
        quota = ACCOUNT_QUOTAS[what]
        answer = account.clients.call("route53", region, "get_account_limit", Type=kind)
        yield _Quota(
            what=what,
            used=answer["Count"],
            limit=answer["Limit"]["Value"],
            needed=len(account.to_create(quota.type)),
            service="route53",
            code=quota.code,
            region=region,
            is_global=True,
        )


def _iam(account: Account, region: str) -> Iterator[_Quota]:
    summary = account.clients.call("iam", region, "get_account_summary")["SummaryMap"]
    for what, used in (("IAM roles", "Roles"), ("IAM policies", "Policies")):
        quota = ACCOUNT_QUOTAS[what]
        yield _Quota(
            what=what,
            used=summary[used],
            limit=summary[f"{used}Quota"],
            needed=len(account.to_create(quota.type)),
            service="iam",
            code=quota.code,
            region=region,
            is_global=True,
        )


def _domains(account: Account, region: str) -> Iterator[_Quota]:
    # The default quota is 10 and a page has up to 250:
    # docs.aws.amazon.com/iot/latest/apireference/API_ListDomainConfigurations.html
    answer = account.clients.call("iot", region, "list_domain_configurations", pageSize=250)
    # AWS's own endpoints are in the list too.
    listed = answer["domainConfigurations"]
    own = [each for each in listed if not each["domainConfigurationName"].startswith("iot:")]
    quota = ACCOUNT_QUOTAS[_DOMAINS]
    yield _Quota(
        what=_DOMAINS,
        used=len(own),
        limit=QuotaReader(account.clients)(region, quota.code),
        needed=len(account.to_create(quota.type, region)),
        service=IOT_CORE,
        code=quota.code,
        region=region,
    )


def _streams(account: Account, region: str) -> Iterator[_Quota]:
    # A stream without a number of shards is an on-demand stream.
    shards = [_shards(stream) for stream in account.of_type("aws_kinesis_stream", region)]
    new = [_shards(stream) for stream in account.to_create("aws_kinesis_stream", region)]
    limits = account.clients.call("kinesis", region, "describe_limits") if shards else {}
    if 0 in shards:
        yield _Quota(
            what="on-demand streams",
            used=limits["OnDemandStreamCount"],
            limit=limits["OnDemandStreamCountLimit"],
            needed=new.count(0),
            service="kinesis",
            region=region,
        )
    if any(shards):
        yield _Quota(
            what="shards of streams",
            used=limits["OpenShardCount"],
            limit=limits["ShardLimit"],
            needed=sum(new),
            service="kinesis",
            code=_SHARDS,
            region=region,
        )


def _shards(stream: Resource) -> int:
    return int(stream.values.get("shard_count") or 0)


def _builds(account: Account, region: str) -> Iterator[_Quota]:
    projects = account.of_type("aws_codebuild_project", region)
    types = {each.values["environment"]["compute_type"] for each in projects}
    for compute_type in sorted(types & _BUILDS.keys()):
        code = _BUILDS[compute_type]
        yield _Quota(
            what=f"concurrent builds ({compute_type})",
            used=0,
            limit=QuotaReader(account.clients, "codebuild")(region, code),
            needed=1,
            service="codebuild",
            code=code,
            region=region,
        )


def _comparison(account: Account, data: Data, region: str) -> Iterator[AccountFinding]:
    """Yield whether the registry's comparison of the fleet ends before the next one."""
    principals = ComparisonQuota.read(account.clients, region)
    fleet, hours, rate = account.settings.recovery.fleet, data.reconcile_hours, data.reconcile_rate
    takes, limit = principals.hours(fleet, rate), principals.limit
    what = (
        f"comparison of {fleet:,} devices (recovery.fleet): {takes:.1f} h at {rate} a second of a"
        f" quota of {limit:.0f}, and one is due every {hours} h"
    )
    if takes <= hours and rate < limit:
        yield ok(what, region)
        return
    goal = max(rate, ceil(fleet / hours / 3600))
    quota, command = principals.request(goal)
    if quota <= limit:
        commands = ()
        request = f"make sure that DescribeCertificate has a quota of {quota}"
    else:
        commands = (command,)
        request = f"request a quota of {quota}, for DescribeCertificate too"
    other = "raise data.reconcile_hours" if takes > hours else "lower data.reconcile_rate"
    yield missing(
        what,
        f"{request}, and set data.reconcile_rate: {goal}; or {other}",
        *commands,
        region=region,
    )


def _connects(account: Account, region: str) -> Iterator[AccountFinding]:
    """Yield the quotas with which this region would take over all devices."""
    recovery = account.settings.recovery
    for name, needed, setting in (
        ("connect_rate", recovery.connect_rate, "recovery.connect_rate"),
        ("connections", recovery.fleet, "recovery.fleet"),
    ):
        limit = QuotaReader(account.clients)(region, QUOTAS[name])
        what = f"{name.replace('_', ' ')} of devices"
        if needed <= limit:
            yield ok(f"{what}: {limit:.0f}, and {setting} is {needed}", region)
        else:
            yield missing(
                f"{what}: {limit:.0f}, less than {setting}, which is {needed}",
                f"request it, or correct {setting}",
                increase_command(IOT_CORE, QUOTAS[name], needed, region),
                region=region,
            )
