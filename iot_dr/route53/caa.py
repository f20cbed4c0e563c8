"""CAA records, which say who may issue certificates for a name."""

from collections.abc import Iterable
from typing import Final

ISSUERS: Final = ("amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com")
"""Any of these lets ACM issue: docs.aws.amazon.com/acm/latest/userguide/setup-caa.html."""

_TAGS: Final = ("issue", "issuewild")


def allows_acm(records: Iterable[str]) -> bool:
    """Whether CAA records, such as `0 issue "amazon.com"`, let ACM issue for a name and below it.

    A tag that no record has restricts nothing.
    """
    listed = list(records)
    by_tag = ([value for value in listed if f" {tag} " in value] for tag in _TAGS)
    return all(
        not values or any(f'"{issuer}' in value for value in values for issuer in ISSUERS)
        for values in by_tag
    )
