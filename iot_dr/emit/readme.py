"""README of a module, in the exact format of terraform-docs 0.24.

So running it does not change a README. Pipes in code and HTML are not escaped there.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Final

from iot_dr.emit.contract import Contract, Variable
from iot_dr.emit.hcl.document import to_hcl
from iot_dr.terraform.standin.schema import Kind, SchemaBlock

_INPUTS: Final = ("Name", "Description", "Type", "Default", "Required")
_TERRAFORM: Final = "terraform"
_REGISTRY: Final = "https://registry.terraform.io/providers/hashicorp"

_BLOCK: Final = "```"
# terraform-docs does not escape URLs and emphasis.
_OTHERWISE: Final = re.compile(r"://|(?:^|\s)_|_(?:\s|$)")

_TYPE: Final = re.compile(r"^  type += (.*)\n}", re.DOTALL | re.MULTILINE)


def readme(  # noqa: PLR0913 - each is a part of the page
    contract: Contract,
    *,
    title: str,
    purpose: str,
    first: str,
    usage: str,
    notes: Sequence[str],
    more: Sequence[str] = (),
) -> str:
    """Return the README: purpose, what to know first, usage, notes, more, terraform-docs' tables.

    Running `terraform-docs markdown table --output-file README.md` on the module changes nothing,
    if `main.tf` does not start with a `/*` comment, which is a header for it. All texts
    are Markdown.
    """
    before = [f"## Before the first apply\n\n{first}"] if first else []
    parts = [f"# {title}", purpose.strip(), *before, f"## Usage\n\n{usage.strip()}"]
    if notes:
        parts.append("## Notes\n\n" + "\n".join(f"- {note}" for note in notes))
    parts += more
    parts.append(f"<!-- BEGIN_TF_DOCS -->\n{sections(contract)}\n<!-- END_TF_DOCS -->")
    return "\n\n".join(parts) + "\n"


def sections(contract: Contract) -> str:
    """Return the output of `terraform-docs markdown table` for a contract.

    Raises ValueError for a contract with resources but without providers.
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
    # Terraform is first, before all providers.
    names = sorted(contract.versions, key=lambda name: (name != _TERRAFORM, name))
    return [(anchored("requirement", name), contract.versions[name]) for name in names]


def _providers(contract: Contract) -> list[tuple[str, str]]:
    if not contract.providers and (contract.resources or contract.data_sources):
        message = f"{contract.name}: the contract has resources but no providers"
        raise ValueError(message)
    # The provider of `terraform_data` is built in and has no version.
    versions = {**contract.versions, _TERRAFORM: "n/a"}
    names = sorted(contract.providers, key=lambda name: name.split("."))
    return [(anchored("provider", name), versions[name.partition(".")[0]]) for name in names]


def _modules(contract: Contract) -> list[tuple[str, str, str]]:
    return [
        (anchored("module", address.removeprefix("module.")), contract.sources[address], "n/a")
        for address in sorted(contract.modules)
    ]


def _resources(contract: Contract) -> list[tuple[str, str]]:
    resources = map(_resource, sorted(contract.resources))
    data = map(_resource, sorted(contract.data_sources))
    return [(link, "resource") for link in resources] + [(link, "data source") for link in data]


def _resource(address: str) -> str:
    spec = address.removeprefix("data.")
    kind = "resources" if spec == address else "data-sources"
    provider, _, name = spec.partition(".")[0].partition("_")
    # It links to one version if the module requires exactly that.
    return f"[{spec}]({_REGISTRY}/{provider}/latest/docs/{kind}/{name})"


def _inputs(contract: Contract) -> list[tuple[str, ...]]:
    return [_input(each) for each in sorted(contract.variables, key=lambda each: each.name)]


def _input(variable: Variable) -> tuple[str, ...]:
    default = "n/a" if variable.is_required else code(_default(variable))
    return (
        anchored("input", variable.name),
        cell(variable.description),
        cell(code(formatted_type(variable.type))),
        cell(default),
        "yes" if variable.is_required else "no",
    )


def _default(variable: Variable) -> str:
    return json.dumps(variable.default, indent=2, sort_keys=True, ensure_ascii=False)


def _outputs(contract: Contract) -> list[tuple[str, str]]:
    outputs = sorted(contract.outputs, key=lambda each: each.name)
    return [(anchored("output", each.name), cell(each.description)) for each in outputs]


def cell(text: str) -> str:
    """Return Markdown text escaped for a table cell; `n/a` for empty text."""
    return _by_code(text, _BLOCK, _prose, _block) if text else "n/a"


def code(text: str) -> str:
    """Return text as Markdown code: a span, or a block if it has several lines."""
    return f"\n\n{_BLOCK}\n{text}\n{_BLOCK}\n" if "\n" in text else f"`{text}`"


def anchored(kind: str, name: str) -> str:
    """Return a name with an anchor for links to `kind_name`."""
    link = f"{kind}_{name}"
    return f'<a name="{link}"></a> [{_escaped(name)}](#{_escaped(link)})'


def _prose(text: str) -> str:
    if _OTHERWISE.search(text):
        raise ValueError(f"{text!r}: write it without a URL, and no _ around a word")
    text = _by_code(text, "`", lambda part: _escaped(part).replace("|", "\\|"), "`{}`".format)
    return re.sub(r"(?:  )?\n", "<br/>", text.strip())


def _block(text: str) -> str:
    lines = text.strip().replace("\n", "<br/>")
    return f"<pre>{lines}</pre>"


def _by_code(
    text: str, fence: str, prose: Callable[[str], str], inside: Callable[[str], str]
) -> str:
    """Transform text outside of fences with `prose`, and text inside with `inside`.

    Empty parts are skipped and not counted, as in terraform-docs.
    """
    functions = (inside, prose) if text.startswith(fence) else (prose, inside)
    parts = [part for part in text.split(fence) if part]
    return "".join(functions[number % 2](part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    return text.replace("_", "\\_")


def formatted_type(constraint: str) -> str:
    """Return a type formatted as in a variable's block."""
    # With another argument, whose alignment makes the line longer.
    body = {"description": "", "type": constraint}
    text = to_hcl({"variable": {"x": body}}, _no_block)
    match = _TYPE.search(text)
    assert match is not None  # noqa: S101 - the block above has a type
    return match[1]


def _no_block(_kind: Kind, type_: str, /) -> SchemaBlock:
    raise KeyError(type_)
