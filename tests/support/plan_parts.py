"""Parts of plans as `terraform show -json` writes them."""

from typing import Any

Json = dict[str, Any]


def document(configuration: Json | None = None, **parts: Any) -> Json:
    """Return a plan."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.15.0",
        "complete": True,
        "configuration": configuration or {},
        "errored": False,
        **parts,
    }


def entry(address: str, mode: str = "managed") -> Json:
    """Return the identifying fields of an entry."""
    *_, type_, name = address.split(".")
    return {"address": address, "mode": mode, "type": type_, "name": name}


def change(actions: list[str], before: Any, after: Any, masks: tuple[Any, Any]) -> Json:
    """Return the part of an entry that has the values."""
    return {
        "actions": actions,
        "before": before,
        "after": after,
        "after_unknown": {},
        "before_sensitive": masks[0],
        "after_sensitive": masks[1],
    }


def create(address: str, after: Json, mask: Any = False) -> Json:
    """Return the entry of a created resource."""
    return {**entry(address), "change": change(["create"], None, after, (False, mask))}


def destroy(address: str, before: Json, mask: Any) -> Json:
    """Return the entry of a destroyed resource."""
    return {**entry(address), "change": change(["delete"], before, None, (mask, False))}


def update(address: str, before: Json, after: Json, mask: Any = False, other: Any = None) -> Json:
    masks = (mask, mask if other is None else other)
    return {**entry(address), "change": change(["update"], before, after, masks)}
