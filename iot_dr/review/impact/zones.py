"""The hosted zones of a set, as their plans find them and leave them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from iot_dr.review.impact.states import states
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

ZONE: Final = "aws_route53_zone"
_IDS: Final = ("zone_id", "hosted_zone_id")


class Zones:
    """Knows zones by their ids and names."""

    def __init__(self, resources: ResourceSet, managed: Iterable[Resource]) -> None:
        self._resources = resources
        self._names: dict[str, str] = {}
        self._servers: defaultdict[str, set[str]] = defaultdict(set)
        for zone in (each for each in managed if each.type == ZONE):
            name = _name(zone)
            for values in states(zone):
                self._names |= {text(values.get(each)): name for each in ("id", "zone_id")}
                self._servers[name] |= {
                    dns_name(each) for each in texts(values.get("name_servers"))
                }

    def name_of(self, resource: Resource) -> str:
        """Give the name of the zone that a resource is for, empty where it is not in the set."""
        ids = [text(values.get(each)) for values in states(resource) for each in _IDS]
        referred = (
            _name(each)
            for id_ in ids
            for each in self._resources.candidates(resource, id_)
            if each.type == ZONE
        )
        known = (self._names.get(each, "") for each in ids if each)
        return next(filter(None, (*known, *referred)), "")

    def servers(self, name: str) -> frozenset[str]:
        """Give the name servers of the zones of a name, as far as they are known."""
        return frozenset(self._servers.get(name, ()))


def _name(zone: Resource) -> str:
    return dns_name(next(filter(None, (text(each.get("name")) for each in states(zone))), ""))
