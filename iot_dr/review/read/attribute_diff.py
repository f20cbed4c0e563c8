"""How one attribute differs before and after."""

from dataclasses import dataclass

from iot_dr.review.read.shown import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDiff:
    """An attribute by its dotted path, e.g. `tags.Name` or `failover_routing_policy[0].type`.

    For JSON documents and long strings, `lines` are a unified diff without a header, each line
    with its sign (` `, `+`, `-`, `@`) in front; `before` and `after` then tell a short form.
    `forces` says that this attribute makes Terraform replace the resource.
    """

    path: str
    before: Shown
    after: Shown
    forces: bool = False
    lines: tuple[str, ...] = ()
