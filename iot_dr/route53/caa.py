"""CAA records, which say who may issue certificates for a name."""

from collections.abc import Iterable
from typing import Final

ISSUERS: Final = ("amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com")
"""Any of these lets ACM issue: docs.aws.amazon.com/acm/latest/userguide/setup-caa.html."""

_ISSUE, _WILD = "issue", "issuewild"


def allows_acm(records: Iterable[str], *, is_wildcard: bool | None = None) -> bool:
    """Whether CAA records, such as `0 issue "amazon.com"`, let ACM issue for a name and below it.

    `is_wildcard` is the kind of certificate, None for both. A tag that no record has restricts
    nothing; for wildcards `issuewild` is read in place of `issue` (RFC 8659, section 4.3).
    """
    listed = list(records)
    by_tag = {tag: [each for each in listed if f" {tag} " in each] for tag in (_ISSUE, _WILD)}
    if is_wildcard is None:
        read = [*by_tag.values()]
    else:
        read = [(by_tag[_WILD] if is_wildcard else []) or by_tag[_ISSUE]]
    return all(
        not values or any(f'"{issuer}' in value for value in values for issuer in ISSUERS)
        for values in read
    )
