"""CAA records above the zone: they let ACM issue the regions' certificates."""

from collections.abc import Iterator

from dns.exception import DNSException
from dns.rdatatype import RdataType

from environments.settings import LookedUpZone
from iot_dr.common.plain_text import plain
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok, unknown
from iot_dr.observe.status.addresses import answers_of
from iot_dr.route53.caa import ISSUERS, allows_acm


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield whether the closest CAA records allow ACM; without any, every issuer is allowed.

    RFC 8659, section 3: those of the first name upwards that has some decide.
    """
    own = account.settings
    if isinstance(own.zone, LookedUpZone):
        yield ok("the certificates exist already")
        return
    name = own.endpoint_domain
    while name:
        try:
            records = answers_of(name, RdataType.CAA, account.network, account.network.limits.dns)
        except DNSException as error:
            yield unknown(f"{name}: {error}")
            return
        if records:
            yield _judged(name, records)
            return
        _, _, name = name.partition(".")
    yield ok(f"no CAA records at {own.endpoint_domain} and above")


def _judged(name: str, records: list[str]) -> AccountFinding:
    # The certificates are for `*.DOMAIN`.
    if allows_acm(records, is_wildcard=True):
        return ok(f"the CAA records of {name} allow ACM")
    return missing(
        f"the CAA records of {name} do not allow ACM: {plain(', '.join(sorted(records)))}",
        f'add the CAA record `0 issue "{ISSUERS[0]}"` to {name}, and `0 issuewild` with the same'
        " value if it has records with that tag",
        blocks=True,
    )
