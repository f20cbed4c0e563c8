"""The changes of one stack's plan, with sensitive values hidden."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from iot_dr.review.read.attribute_diff import SENSITIVE, AttributeDiff
from iot_dr.review.read.attribute_differ import AttributeDiffer, path_text
from iot_dr.review.read.plan_source import StackSource
from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.side import Side
from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.review.read.text_diff import json_text
from iot_dr.terraform_json.change import ACTIONS
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.plan.entry import ChangeEntry
from iot_dr.terraform_json.plan.structs import ChangeFields
from iot_dr.terraform_json.stack_resources import StackResources

# The `action_reason` values of Terraform 1.15: internal/command/jsonplan/plan.go.
_REASONS: Final = {
    "replace_because_cannot_update": "it cannot be changed in place",
    "replace_because_tainted": "it is tainted: an earlier run left it unfinished",
    "replace_by_request": "it was requested with -replace",
    "replace_by_triggers": "replace_triggered_by: a resource that it refers to changes",
    "delete_because_no_resource_config": "its block is no longer in the configuration",
    "delete_because_wrong_repetition": "its block gained or lost count or for_each",
    "delete_because_count_index": "its index is beyond count",
    "delete_because_each_key": "its key is no longer in for_each",
    "delete_because_no_module": "its module is no longer in the configuration",
    "delete_because_no_move_target": "it was moved to an address that is not in the configuration",
}
_ORDERS: Final[Mapping[tuple[str, ...], str]] = {
    ("create", "delete"): "the replacement is created first",
    ("create", "forget"): "the old one stays in AWS and is removed from the state",
}


class HiddenAddresses:
    """Resource addresses of a stack with secrets hidden; they stay unique."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._hidden_by_raw: dict[str, str] = {}
        self._uses: dict[str, int] = {}

    def hidden(self, raw: str) -> str:
        """Return an address with `(sensitive)`, or `(sensitive 2)`, in place of a secret."""
        if known := self._hidden_by_raw.get(raw):
            return known
        hidden = self._secrets.hidden(raw)
        if hidden == raw:
            return raw
        number = self._uses[hidden] = self._uses.get(hidden, 0) + 1
        if number > 1:
            numbered = SENSITIVE.text.replace(")", f" {number})")
            hidden = hidden.replace(SENSITIVE.text, numbered, 1)
        self._hidden_by_raw[raw] = hidden
        return hidden


class ReviewedChanges:
    """The changes of a stack; `resources` are the same resources as the rules read them."""

    def __init__(
        self,
        source: StackSource,
        resources: StackResources,
        secrets: Secrets,
        addresses: HiddenAddresses,
    ) -> None:
        self._stack = source.name
        self._secrets = secrets
        self._addresses = addresses
        self._regions = {resource.address: resource.region for resource in resources.resources}
        regions = {region for region in resources.providers.values() if region}
        self.region = source.region or (next(iter(regions)) if len(regions) == 1 else None)

    def changes(
        self, entries: Sequence[ChangeEntry], *, is_drift: bool
    ) -> Iterator[ResourceChange]:
        """Yield the changes that are neither reads nor no-ops."""
        return (self._change(each, is_drift=is_drift) for each in entries if each.is_change)

    def outputs(self, changes: Mapping[str, ChangeFields]) -> Iterator[OutputChange]:
        """Yield the outputs that change, sorted by name."""
        differ = AttributeDiffer(secrets=self._secrets)
        for name in sorted(changes):
            if action := ACTIONS.get(changes[name].actions):
                diff = differ.whole(name, *_sides(changes[name]))
                shown = self._secrets.hidden(name)
                yield OutputChange(stack=self._stack, name=shown, action=action, diff=diff)

    def _change(self, entry: ChangeEntry, *, is_drift: bool) -> ResourceChange:
        fields, change = entry.fields, entry.fields.change
        address, moved_from = self._addresses.hidden(entry.address), fields.previous_address
        reasons = (_REASONS.get(fields.action_reason or ""), _ORDERS.get(change.actions))
        return ResourceChange(
            stack=self._stack,
            region=self._regions.get(address) or self.region,
            address=address,
            type=entry.type,
            name=self._secrets.hidden(entry.name),
            action=ACTIONS.get(change.actions),
            moved_from=None if moved_from is None else self._secrets.hidden(moved_from),
            is_imported=change.importing is not None,
            import_id=self._import_id(change.importing),
            is_drift=is_drift,
            forced_by=tuple(
                self._secrets.hidden(path_text(path)) for path in change.replace_paths or ()
            ),
            reason="; ".join(reason for reason in reasons if reason),
            deposed=self._secrets.hidden(fields.deposed or ""),
            read_diffs=_Diffs(entry, self._secrets),
        )

    def _import_id(self, importing: Json) -> str:
        """Return the import id, else the whole identity as JSON; empty without an import."""
        identity = mapping(importing).get("id") or importing
        text = identity if isinstance(identity, str) else json_text(identity)
        return "" if importing is None else self._secrets.hidden(text)


@dataclass(frozen=True, slots=True)
class _Diffs:
    """A callable that computes the differences of a resource."""

    entry: ChangeEntry
    secrets: Secrets

    def __call__(self) -> tuple[AttributeDiff, ...]:
        change = self.entry.fields.change
        differ = AttributeDiffer(secrets=self.secrets, replace_paths=change.replace_paths or ())
        return differ.diffs(*_sides(change))


def _sides(change: ChangeFields) -> tuple[Side, Side]:
    return (
        Side.of(change.before, change.before_sensitive),
        Side.of(change.after, change.after_sensitive, change.after_unknown),
    )
