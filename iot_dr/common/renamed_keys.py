"""Keys of the JSON that commands print which have a new name; the old one stays for one version."""

from collections.abc import Mapping
from typing import Any, Final, cast

REMOVED_IN: Final = "0.3"
"""The version without the old names: delete this module and its calls then."""

RENAMED_KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "acceptance": {
        "backend": "ran_on",
        "remaining": "left",
        "steps.action": "does",
        "undone": "put_back",
    },
    "drill list": {"effect": "devices"},
    "drill run": {
        "outages.diagnosis.problem": "what",
        "outages.figures.detection.name": "what",
        "outages.figures.flip.name": "what",
        "outages.messages.created": "made",
        "outages.messages.duplicated": "doubled",
        "outages.not_rehearsed": "unrehearsed",
        "outages.prediction.terms.interval": "how",
        "outages.prediction.terms.maximum": "latest",
        "outages.prediction.terms.typical": "usual",
        "outages.timeline.description": "what",
    },
    "drill simulate": {"simulations": "simulated", "simulations.never_back": "never"},
    "drill sweep": {"current": "now", "meets_target": "is_enough", "without_gain": "no_gain"},
    "env show": {
        "leaving_regions": "leaving",
        "pipeline.active_region": "active",
        "pipeline.bake_minutes": "bake",
        "data.provisioning.method": "by",
    },
    "graph": {"stacks.kind": "what", "waves.stacks.kind": "what"},
    "pipeline activate": {"rollback_command": "way_back"},
    "review": {
        "device_changes": "attention",
        "asymmetric_changes": "one_sided",
        "asymmetric_changes.change": "what",
        "asymmetric_changes.changed_in": "changed",
        "asymmetric_changes.unchanged_in": "unchanged",
    },
    "registry seed": {
        "source_entities": "source_holds",
        "deferred": "left",
        "deferred.examples": "first",
    },
    "registry status": {
        "source_region": "told_by",
        "regions.entities": "holds",
        "regions.applied": "took_over",
        "regions.parked.examples": "first",
        "unavailable": "silent",
    },
    "rotate": {"certificate.current": "now"},
    "rto": {
        "terms.typical": "usual",
        "terms.maximum": "latest",
        "terms.description": "what",
        "changes.current": "now",
        "changes.proposed": "then",
        "recovery_point.typical": "usual",
        "recovery_point.maximum": "latest",
        "recovery_point.description": "what",
    },
    "sandbox up": {"second_plan": "planned_again"},
    "status": {"observed_at": "taken", "by_checks.explanation": "why"},
    "switch": {
        "regions_before": "now",
        "regions_after": "then",
        "is_last_in_failover_order": "is_last_of_chain",
        "regions.health_source": "told_by",
    },
    "synth": {"stacks.kind": "what"},
}
"""The old name of each renamed key, by command and by the path to the new key.

A path has new names only, joined by dots; lists add nothing to it: `regions.health_source` is in
each element of `regions`.
"""


def with_old_keys(
    command: str,
    document: Any,  # noqa: ANN401 - JSON of any shape
    renamed: Mapping[str, Mapping[str, str]] = RENAMED_KEYS,
) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return a copy of what `command` prints, in which each renamed key is also under its old name.

    Raises KeyError if the command has no renamed keys.
    """
    return _copied(document, "", renamed[command])


def with_flat_result(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document of `--json` that also has the keys of its result, as before ADR 0040.

    The document's own keys win; a result that is a list had no keys.
    """
    result = document["result"]
    return {**document, **result, **document} if isinstance(result, Mapping) else document


def _copied(value: object, path: str, old_names: Mapping[str, str]) -> object:
    if isinstance(value, (list, tuple)):
        return [_copied(item, path, old_names) for item in cast("list[object]", value)]
    if not isinstance(value, Mapping):
        return value
    copy: dict[str, object] = {}
    for key, inner in cast("Mapping[str, object]", value).items():
        inner_path = f"{path}.{key}" if path else key
        copy[key] = _copied(inner, inner_path, old_names)
        if old := old_names.get(inner_path):
            copy[old] = copy[key]
    return copy
