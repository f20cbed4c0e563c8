"""The changes of one stack's plan, as the review tells them."""

from collections.abc import Iterator, Mapping, Sequence

from iot_dr.review.read.action_words import reason
from iot_dr.review.read.addresses import Addresses
from iot_dr.review.read.attribute_reading import AttributeReading, path
from iot_dr.review.read.plan_entries import ChangeEntry, sides
from iot_dr.review.read.plan_source import StackSource
from iot_dr.review.read.plan_structs import ChangeTold
from iot_dr.review.read.resource_change import OutputChange, ResourceChange
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.value_text import json_text
from iot_dr.terraform_json.change import ACTIONS
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.stack_resources import StackResources


class StackChanges:
    """Tells the changes of a stack; `resources` are what its plan says of them for the rules."""

    def __init__(
        self,
        source: StackSource,
        resources: StackResources,
        secrets: Secrets,
        addresses: Addresses,
    ) -> None:
        self._stack = source.name
        self._secrets = secrets
        self._addresses = addresses
        self._regions = {each.address: each.region for each in resources.resources}
        known = {each for each in resources.providers.values() if each}
        self.region = source.region or (next(iter(known)) if len(known) == 1 else None)

    def changes(self, entries: Sequence[ChangeEntry]) -> Iterator[ResourceChange]:
        """Give those that are more than reading, or staying as it is."""
        return (self._change(each, is_drift=False) for each in entries if each.is_change)

    def drift(self, entries: Sequence[ChangeEntry]) -> Iterator[ResourceChange]:
        """Give what was changed elsewhere, as Terraform tells it."""
        return (self._change(each, is_drift=True) for each in entries if each.is_change)

    def outputs(self, told: Mapping[str, ChangeTold]) -> Iterator[OutputChange]:
        """Give the outputs that change, by their names."""
        reading = AttributeReading(secrets=self._secrets)
        for name in sorted(told):
            if action := ACTIONS.get(told[name].actions):
                diff = reading.whole(name, *sides(told[name]))
                shown = self._secrets.hidden(name)
                yield OutputChange(stack=self._stack, name=shown, action=action, diff=diff)

    def _change(self, entry: ChangeEntry, *, is_drift: bool) -> ResourceChange:
        told = entry.told
        address, moved_from = self._addresses.told(entry.address), told.previous_address
        return ResourceChange(
            stack=self._stack,
            region=self._regions.get(address) or self.region,
            address=address,
            type=entry.type,
            name=self._secrets.hidden(entry.name),
            action=ACTIONS.get(told.change.actions),
            moved_from=None if moved_from is None else self._secrets.hidden(moved_from),
            is_imported=told.change.importing is not None,
            import_id=self._imported(told.change.importing),
            is_drift=is_drift,
            forced_by=tuple(map(self._path, told.change.replace_paths or ())),
            reason=reason(told.change.actions, told.action_reason),
            deposed=self._secrets.hidden(told.deposed or ""),
            read_diffs=entry,
        )

    def _imported(self, by: Json) -> str:
        """Give the id, else all that says which object is meant."""
        told = mapping(by).get("id") or by
        text = told if isinstance(told, str) else json_text(told)
        return "" if by is None else self._secrets.hidden(text)

    def _path(self, way: tuple[object, ...]) -> str:
        return self._secrets.hidden(path(way))


def unchanged(entries: Sequence[ChangeEntry]) -> int:
    """Count the resources that stay as they are."""
    return sum(each.mode == "managed" and each.is_known and not each.is_change for each in entries)
