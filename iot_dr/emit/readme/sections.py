"""The sections of a README that terraform-docs writes, in its order."""

import json
import re
from collections.abc import Sequence
from typing import Final

from iot_dr.emit.contract.contract import Contract
from iot_dr.emit.contract.variable import Variable
from iot_dr.emit.readme.cell import anchored, cell, code
from iot_dr.emit.readme.written_type import written_type

_INPUTS: Final = ("Name", "Description", "Type", "Default", "Required")
_TERRAFORM: Final = "terraform"
_EXACT: Final = re.compile(r"=? ?(\d[^ ]*)")
_REGISTRY: Final = "https://registry.terraform.io/providers/hashicorp"


def sections(contract: Contract) -> str:
    """Return what `terraform-docs markdown table` says of a module with this contract.

    Raises ValueError for a contract that has resources and does not tell their providers.
    """
    return "\n\n".join(
        (
            _section("Requirements", ("Name", "Version"), _requirements(contract)),
            _section("Providers", ("Name", "Version"), _providers(contract)),
            _section("Modules", ("Name", "Source", "Version"), _modules(contract)),
            _section("Resources", ("Name", "Type"), _resources(contract)),
            _section("Inputs", _INPUTS, _inputs(contract)),
            _section("Outputs", ("Name", "Description"), _outputs(contract)),
        )
    )


def _section(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return f"## {title}\n\nNo {title.lower()}."
    lines = [_row(columns), _row([_rule(column) for column in columns]), *map(_row, rows)]
    return f"## {title}\n\n" + "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(column: str) -> str:
    return ":------:" if column == "Required" else "-" * len(column)


def _requirements(contract: Contract) -> list[tuple[str, str]]:
    # Terraform stands first, whatever the providers are called.
    names = sorted(contract.versions, key=lambda name: (name != _TERRAFORM, name))
    return [(anchored("requirement", name), contract.versions[name]) for name in names]


def _providers(contract: Contract) -> list[tuple[str, str]]:
    if not contract.providers and (contract.resources or contract.data_sources):
        message = f"{contract.name}: the contract does not tell which providers its resources use"
        raise ValueError(message)
    names = sorted(contract.providers, key=lambda name: name.split("."))
    return [
        (anchored("provider", name), _constraint(name.partition(".")[0], contract) or "n/a")
        for name in names
    ]


def _constraint(provider: str, contract: Contract) -> str:
    # The provider of `terraform_data` is part of Terraform and has no version of its own.
    return "" if provider == _TERRAFORM else contract.versions.get(provider, "")


def _modules(contract: Contract) -> list[tuple[str, str, str]]:
    return [
        (anchored("module", address.removeprefix("module.")), contract.sources[address], "n/a")
        for address in sorted(contract.modules)
    ]


def _resources(contract: Contract) -> list[tuple[str, str]]:
    resources = [_resource(address, contract) for address in sorted(contract.resources)]
    data = [_resource(address, contract) for address in sorted(contract.data_sources)]
    return [(link, "resource") for link in resources] + [(link, "data source") for link in data]


def _resource(address: str, contract: Contract) -> str:
    spec = address.removeprefix("data.")
    kind = "resources" if spec == address else "data-sources"
    provider, _, name = spec.partition(".")[0].partition("_")
    exact = _EXACT.fullmatch(_constraint(provider, contract))
    version = exact[1] if exact else "latest"
    return f"[{spec}]({_REGISTRY}/{provider}/{version}/docs/{kind}/{name})"


def _inputs(contract: Contract) -> list[tuple[str, ...]]:
    return [_input(each) for each in sorted(contract.variables, key=lambda each: each.name)]


def _input(variable: Variable) -> tuple[str, ...]:
    default = "n/a" if variable.is_required else code(_default(variable))
    return (
        anchored("input", variable.name),
        cell(variable.description),
        cell(code(written_type(variable.type))),
        cell(default),
        "yes" if variable.is_required else "no",
    )


def _default(variable: Variable) -> str:
    return json.dumps(variable.default, indent=2, sort_keys=True, ensure_ascii=False)


def _outputs(contract: Contract) -> list[tuple[str, str]]:
    outputs = sorted(contract.outputs, key=lambda each: each.name)
    return [(anchored("output", each.name), cell(each.description)) for each in outputs]
