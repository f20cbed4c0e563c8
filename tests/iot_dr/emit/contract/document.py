"""A contract as JSON, to be kept and compared."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, TypeVar

from iot_dr.emit.contract import REQUIRED, Contract, Output, Validation, Variable

_Named = TypeVar("_Named", Variable, Output)


def as_json(document: dict[str, Any]) -> str:
    """Write a document so that the same one is always the same text."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def document(contract: Contract) -> dict[str, Any]:
    """Return a contract as values of JSON, sorted by name, as order is not part of a contract.

    A variable without the key `default` is required.
    """
    return {
        "name": contract.name,
        "aliases": sorted(contract.aliases),
        "variables": [_variable(each) for each in _by_name(contract.variables)],
        "outputs": [asdict(each) for each in _by_name(contract.outputs)],
        "resources": sorted(contract.resources),
        "data_sources": sorted(contract.data_sources),
        "modules": sorted(contract.modules),
        "versions": dict(contract.versions),
        "providers": sorted(contract.providers),
        "sources": dict(contract.sources),
        "placed": dict(contract.placed),
    }


def contract_of(document: dict[str, Any]) -> Contract:
    """Return the contract of a document, with the order of the document.

    Raises KeyError or TypeError for one that `document` did not make.
    """
    return Contract(
        name=document["name"],
        aliases=tuple(document["aliases"]),
        variables=tuple(_variable_of(each) for each in document["variables"]),
        outputs=tuple(Output(**each) for each in document["outputs"]),
        resources=tuple(document["resources"]),
        data_sources=tuple(document["data_sources"]),
        modules=tuple(document["modules"]),
        versions=document["versions"],
        providers=tuple(document["providers"]),
        sources=document["sources"],
        placed=document["placed"],
    )


def _by_name(named: Iterable[_Named]) -> list[_Named]:
    return sorted(named, key=lambda each: each.name)


def _variable(variable: Variable) -> dict[str, Any]:
    made: dict[str, Any] = asdict(variable)
    made["validations"] = list(made["validations"])
    if variable.is_required:
        del made["default"]
    return made


def _variable_of(document: dict[str, Any]) -> Variable:
    return Variable(
        name=document["name"],
        type=document["type"],
        description=document["description"],
        default=document.get("default", REQUIRED),
        validations=tuple(Validation(**each) for each in document["validations"]),
        nullable=document["nullable"],
    )
