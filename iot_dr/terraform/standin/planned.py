"""Resources that one run of Terraform plans to create, which a data source cannot read yet."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from iot_dr.terraform.standin.values import Value

_Values = Mapping[str, Value]

_OTHER_NAMES: Final = {"aws_acm_certificate": {"domain": "domain_name"}}
"""Arguments of data sources that have another name than the resource's."""


class PlannedResources:
    """What a run has planned and created by now, by type.

    A run sees its own resources alone: what it does not create itself may be another state's, and
    is taken to exist.
    """

    def __init__(self) -> None:
        self._created: dict[str, list[_Values]] = defaultdict(list)
        self._planned: dict[str, list[_Values]] = defaultdict(list)

    def plan(self, type_: str, prior: _Values | None, planned: _Values) -> None:
        """Take note of a planned resource; what exists before can be read."""
        if prior is None:
            self._planned[type_].append(planned)
        else:
            self.exist(type_, prior)

    def exist(self, type_: str, state: _Values) -> None:
        """Take note of a resource that exists."""
        self._created[type_].append(state)

    def lack(self, type_: str, lookup: _Values) -> bool:
        """Whether a data source with these arguments means a resource that is still planned."""
        names = _OTHER_NAMES.get(type_, {})
        wanted = {
            names.get(name, name): value
            for name, value in lookup.items()
            if isinstance(value, str) and name != "region"
        }
        planned, created = (
            any(_is_meant(wanted, values) for values in kind.get(type_, ()))
            for kind in (self._planned, self._created)
        )
        return planned and not created


def _is_meant(wanted: Mapping[str, str], values: _Values) -> bool:
    known = {name: value for name in wanted if isinstance(value := values.get(name), str)}
    return bool(known) and all(wanted[name] == value for name, value in known.items())
