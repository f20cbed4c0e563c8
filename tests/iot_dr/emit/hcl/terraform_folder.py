"""Real Terraform on files that a test writes, without a provider."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from iot_dr.emit.hcl.document import to_hcl
from iot_dr.terraform.commands import Commands
from iot_dr.terraform.standin.schema import Kind, SchemaBlock

_TIMEOUT = 100
_AS_JSON, _AS_HCL = "json_", "hcl_"


def no_blocks(kind: Kind, type_: str) -> SchemaBlock:
    """Know no type: for documents without a provider's."""
    raise KeyError(kind, type_)


@dataclass(frozen=True, kw_only=True)
class Both:
    """Type and value of each output of a document, as JSON and as HCL, and the HCL."""

    as_json: dict[str, Any]
    as_hcl: dict[str, Any]
    hcl: str


@dataclass(frozen=True)
class TerraformFolder:
    """Runs Terraform in new folders below one of the test's own."""

    folder: Path
    # What they are made of names all of this process's variables.
    commands: Commands = field(repr=False)

    def both(self, document: Callable[[str], Mapping[str, Any]], shared: str = "") -> Both:
        """Apply a document as JSON and as HCL, whose names begin with what it is made with.

        `shared` is HCL that both refer to.
        """
        hcl = to_hcl(document(_AS_HCL), no_blocks)
        given = json.dumps(document(_AS_JSON))
        outputs = self.outputs({"shared.tf": shared, "given.tf.json": given, "written.tf": hcl})
        return Both(
            as_json=_beginning(_AS_JSON, outputs), as_hcl=_beginning(_AS_HCL, outputs), hcl=hcl
        )

    def outputs(self, files: Mapping[str, str]) -> dict[str, Any]:
        """Apply files, and give the type and value of each output; null ones are not there."""
        folder = self._written(files)
        self._run(folder, "apply", "-auto-approve", "-json")
        shown = json.loads(self._run(folder, "output", "-json"))
        return {name: [entry["type"], entry["value"]] for name, entry in shown.items()}

    def unformatted(self, hcl: str) -> str:
        """Return what `terraform fmt` would change in HCL."""
        folder = self._written({"main.tf": hcl})
        return self._run(folder, "fmt", "-list=false", "-write=false", "-diff", "-no-color")

    def _written(self, files: Mapping[str, str]) -> Path:
        folders = (self.folder / str(number) for number in count())
        folder = next(each for each in folders if not each.exists())
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        return folder

    def _run(self, folder: Path, *arguments: str) -> str:
        ran = self.commands.run(arguments, folder, _TIMEOUT)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


def _beginning(prefix: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): value
        for name, value in outputs.items()
        if name.startswith(prefix)
    }
