"""The README of a module."""

from collections.abc import Sequence

from iot_dr.emit.contract.contract import Contract
from iot_dr.emit.readme.sections import sections


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
