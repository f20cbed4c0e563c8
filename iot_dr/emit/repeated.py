"""What Terraform repeats for each value of a list: blocks of a resource, entries of a policy."""

import json
from collections.abc import Callable, Mapping
from typing import Any

Change = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Gives a document of Terraform's JSON with a change."""


def repeated(
    document: Mapping[str, Any], *, address: str, block: str, for_each: str, numbered: str | None
) -> dict[str, Any]:
    """Make the one block of a resource one for each value; raises ValueError if it has not one."""
    body = dict(_resource(document, address))
    (only,) = body.pop(block)
    content = {**only, numbered: f"${{{block}.key + 1}}"} if numbered else only
    dynamic = {block: {"for_each": f"${{{for_each}}}", "content": content}}
    return _with(document, address, {**body, "dynamic": dynamic})


def listed(
    document: Mapping[str, Any], *, address: str, only: str, expression: str
) -> dict[str, Any]:
    """Put an expression in the place of the list of one text in a policy.

    Raises ValueError when the policy has no such list.
    """
    body = _resource(document, address)
    policy, written = body["policy"], json.dumps([only])
    if written not in policy:
        message = f"{address}: its policy has no list of {only} alone"
        raise ValueError(message)
    changed = policy.replace(written, f"${{jsonencode({expression})}}")
    return _with(document, address, {**body, "policy": changed})


def _resource(document: Mapping[str, Any], address: str) -> Mapping[str, Any]:
    type_, name = address.split(".")
    return document["resource"][type_][name]


def _with(document: Mapping[str, Any], address: str, body: Mapping[str, Any]) -> dict[str, Any]:
    type_, name = address.split(".")
    types = document["resource"]
    return {**document, "resource": {**types, type_: {**types[type_], name: body}}}
