"""Names that a configuration gives as a whole, by a prefix, or not at all."""

from collections.abc import Mapping

from iot_dr.terraform.standin.identity import fresh
from iot_dr.terraform.standin.values import Value

_OWN_PREFIX = "terraform-"
_DIGITS = 26


def generated_name(prefix: str = _OWN_PREFIX) -> str:
    """Return a name as the provider generates it: a prefix and 26 digits."""
    return f"{prefix}{fresh(_DIGITS)}"


def name_and_prefix(values: Mapping[str, Value], argument: str = "name") -> Mapping[str, Value]:
    """Return a name and its prefix, by argument; the prefix is empty if the name is configured.

    Otherwise the name is generated from the configured prefix, or from `terraform-`.
    """
    given, prefix = values.get(argument), values.get(f"{argument}_prefix")
    if isinstance(given, str):
        return {argument: given, f"{argument}_prefix": ""}
    start = prefix if isinstance(prefix, str) else _OWN_PREFIX
    return {argument: generated_name(start), f"{argument}_prefix": start}
