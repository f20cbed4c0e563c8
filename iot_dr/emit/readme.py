"""The README of a module, in the form in which terraform-docs 0.24 keeps it.

Whatever it writes in an odd way is written so here too, or running it would change a README:
pipes in code stay as they are, and so does HTML.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Final

from iot_dr.emit.contract import Contract, Variable
from iot_dr.emit.hcl.document import written
from iot_dr.terraform.standin.schema import Block, Kind

_INPUTS: Final = ("Name", "Description", "Type", "Default", "Required")
_TERRAFORM: Final = "terraform"
_EXACT: Final = re.compile(r"=? ?(\d[^ ]*)")
_REGISTRY: Final = "https://registry.terraform.io/providers/hashicorp"

_BLOCK: Final = "```"
_SPACED: Final = re.compile(r"^(\s*)(_+)(?=\s)", re.ASCII)
_EMPHASIS: Final = re.compile(r"(\s)(_+)([^\s_].*[^\s_])(_+)(?=\s)", re.ASCII)
_KEPT: Final = "\0"
_INNER: Final = r"\w\-.~!$&'*+,;=:@%/?#\\"
_ENCLOSED: Final = "|".join(
    rf"{opening}(?:[{_INNER}]|{opening}[{_INNER}]*{closing})*{closing}"
    for opening, closing in ((r"\(", r"\)"), (r"\[", r"\]"), (r"\{", r"\}"))
)
_URL: Final = re.compile(rf"https?://(?:[{_INNER}]*(?:{_ENCLOSED}|[\w\-~%$&+=/#]))+", re.IGNORECASE)

_TYPE: Final = re.compile(r"^  type += (.*)\n}", re.DOTALL | re.MULTILINE)


def readme(
    contract: Contract, *, title: str, purpose: str, usage: str, notes: Sequence[str]
) -> str:
    """Return the README: what the module is for, how it is called, and what it asks for and gives.

    Running `terraform-docs markdown table --output-file README.md` on the module changes nothing
    in it, as long as `main.tf` starts with no comment of `/*`, which it takes for a header.
    `usage` is a call in HCL, `purpose` and each of `notes` is Markdown.
    """
    parts = [f"# {title}", purpose.strip(), f"## Usage\n\n```hcl\n{usage.strip()}\n```"]
    if notes:
        parts.append("## Notes\n\n" + "\n".join(f"- {note}" for note in notes))
    parts.append(f"<!-- BEGIN_TF_DOCS -->\n{sections(contract)}\n<!-- END_TF_DOCS -->")
    return "\n\n".join(parts) + "\n"


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


def cell(text: str) -> str:
    """Return a text of Markdown in the form for a cell; `n/a` for none."""
    return _by_code(text, _BLOCK, _prose, _block) if text else "n/a"


def code(text: str) -> str:
    """Return Markdown that shows a text as code: a block where it has several lines."""
    return f"\n\n{_BLOCK}\n{text}\n{_BLOCK}\n" if "\n" in text else f"`{text}`"


def anchored(kind: str, name: str) -> str:
    """Return a name as the place that links to `kind_name` lead to."""
    link = f"{kind}_{name}"
    return f'<a name="{link}"></a> [{_escaped(name)}](#{_escaped(link)})'


def _prose(text: str) -> str:
    text = _by_code(text, "`", lambda part: part.replace("|", "\\|"), _span)
    text = _by_code(text, "`", _without_underscores, _span)
    return _with_plain_urls(re.sub(r"(?:  )?\n", "<br/>", text.strip()))


def _with_plain_urls(text: str) -> str:
    """Take the escapes out of URLs: one after the other, each wherever it occurs."""
    for url in _URL.findall(text):
        text = text.replace(url, url.replace("\\", ""))
    return text


def _block(text: str) -> str:
    lines = text.strip().replace("\n", "<br/>")
    return f"<pre>{lines}</pre>"


def _span(text: str) -> str:
    return f"`{text}`"


def _by_code(
    text: str, fence: str, prose: Callable[[str], str], inside: Callable[[str], str]
) -> str:
    """Turn what stands outside of fences by `prose`, and by `inside` what they enclose.

    An empty part is passed over without counting it, as terraform-docs does.
    """
    turns = (inside, prose) if text.startswith(fence) else (prose, inside)
    parts = [part for part in text.split(fence) if part]
    return "".join(turns[number % 2](part) for number, part in enumerate(parts))


def _without_underscores(text: str) -> str:
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    """Escape underscores, except those that make a word emphasized."""
    line = _SPACED.sub(lambda found: found[1] + _KEPT * len(found[2]), line)
    line = _EMPHASIS.sub(
        lambda found: f"{found[1]}{_KEPT * len(found[2])}{found[3]}{_KEPT * len(found[4])}", line
    )
    return _escaped(line).replace(_KEPT, "_")


def _escaped(text: str) -> str:
    return text.replace("_", "\\_")


def written_type(constraint: str) -> str:
    """Lay a type out over lines as it is in a variable's block."""
    # The name of the argument before it counts: alignment makes its line longer.
    body = {"description": "", "type": constraint}
    text = written({"variable": {"x": body}}, _no_block)
    found = _TYPE.search(text)
    assert found is not None  # noqa: S101 - the block has just been given a type
    return found[1]


def _no_block(_kind: Kind, type_: str, /) -> Block:
    raise KeyError(type_)
