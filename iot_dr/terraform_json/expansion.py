"""Makes the instances of blocks, and keeps what cannot be told apart without a plan."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from iot_dr.terraform_json.instances import Filling, instances
from iot_dr.terraform_json.json_value import Json, texts_in
from iot_dr.terraform_json.known_value import KnownValues
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.place import as_index

# Texts of all instances: a small file could make more than memory holds.
_MOST_TEXTS: Final = 500_000


class Instance(NamedTuple):
    """An instance of a block: its address, and what the block means for it."""

    address: str
    body: Mapping[str, Json]


class Expansion:
    """Expands the blocks of one document.

    `made_from` is what `each.value` means for each key, as `StackResources.definitions` has it.
    """

    def __init__(self, definitions: Mapping[str, Json]) -> None:
        self._known = KnownValues(definitions)
        self._left = _MOST_TEXTS
        self._whole: list[str] = []
        self._dynamic: list[str] = []
        self.made_from: dict[str, Json] = {}

    @property
    def unjudged(self) -> Iterator[str]:
        """What was met and could not be told."""
        if self._whole:
            yield (
                f"the instances of {listing(self._whole)}: without a plan they are not known, or"
                " are too many; plan it and name the plan"
            )
        if self._dynamic:
            yield f"the dynamic blocks of {listing(self._dynamic)}; plan it and name the plan"

    def expanded(self, address: str, body: Mapping[str, Json]) -> Iterator[Instance]:
        """Yield the instances of a block; the block itself where only a plan tells them."""
        if body.get("dynamic"):
            self._dynamic.append(address)
        if body.get("for_each") is None and body.get("count") is None:
            yield Instance(address, body)
            return
        made = instances(body, self._known)
        if made is None or not self._takes(body, len(made)):
            self._whole.append(address)
            self.made_from[f"{address}.each"] = body.get("for_each")
            yield Instance(address, body)
            return
        self.made_from[f"{address}.each"] = dict(made)
        for key, value in made.items():
            filled = Filling(key, value, self._known).filled(body)
            yield Instance(address + as_index(key), filled)

    def _takes(self, body: Mapping[str, Json], number: int) -> bool:
        texts = number * sum(1 for _ in texts_in(body))
        if texts > self._left:
            return False
        self._left -= texts
        return True
