"""Blocks and entries of policies that Terraform repeats, in the JSON of a module."""

import json
from collections.abc import Mapping
from typing import Any


def repeated(
    document: Mapping[str, Any], *, address: str, block: str, for_each: str, numbered: str | None
) -> dict[str, Any]:
    """Return a document in which a resource's only block is dynamic.

    Raises ValueError if there are several blocks, KeyError if there is none or no such resource.
    """
    body = dict(_resource(document, address))
    (only,) = body.pop(block)
    content = {**only, numbered: f"${{{block}.key + 1}}"} if numbered else only
    dynamic = {block: {"for_each": f"${{{for_each}}}", "content": content}}
    return _with(document, address, {**body, "dynamic": dynamic})


def listed(
    document: Mapping[str, Any], *, address: str, only: str, expression: str
) -> dict[str, Any]:
    """Return a document in which an expression replaces the list of one string in a policy.

    Raises ValueError if the policy has no such list, KeyError if there is no such resource.
    """
    body = _resource(document, address)
    policy, written = body["policy"], json.dumps([only])
    if written not in policy:
        message = f"{address}: its policy has no list with only {only}"
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
