"""`iot-dr synth`: writes the Terraform JSON of an environment."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from environments.selection import load_all
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.settings_warning import warn_of_settings
from iot_dr.cli.text import columns, counted, echo
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.generate.synthesis import SynthesizedStack, synthesize


def synth(
    env: EnvironmentOption = "dev",
    out: Annotated[
        Path, typer.Option(help="Output folder; it is replaced as a whole.", metavar="DIR")
    ] = Path("cdktf.out"),
    as_json: JsonOption = False,
) -> None:
    """Write the Terraform JSON of every stack of an environment.

    Example: iot-dr synth --env dev --out cdktf.out
    """
    start = time.monotonic()
    environments = load_all(env)
    for settings in environments:
        warn_of_settings(settings)
    stacks = synthesize(environments, out)
    seconds = time.monotonic() - start
    if as_json:
        print_document("synth", _document(stacks, out, seconds), environment=env)
    else:
        echo(_table(stacks, out, seconds))


def _document(stacks: Sequence[SynthesizedStack], out: Path, seconds: float) -> dict[str, Any]:
    rows = [
        {
            "name": stack.node.name,
            "kind": stack.node.what,
            "region": stack.node.region,
            "role": stack.node.role,
            "depends_on": stack.node.depends_on,
            "resources": stack.resources,
            "data_sources": stack.data_sources,
            "file": stack.file,
            "bytes": stack.size,
        }
        for stack in stacks
    ]
    document = {"out": str(out), "seconds": round(seconds, 3), "stacks": rows}
    return with_old_keys("synth", document)


def _table(stacks: Sequence[SynthesizedStack], out: Path, seconds: float) -> str:
    rows = [("STACK", "REGION", "ROLE", "RESOURCES", "DATA")]
    rows += [
        (
            stack.node.name,
            stack.node.region,
            stack.node.role or "global",
            str(stack.resources),
            str(stack.data_sources),
        )
        for stack in stacks
    ]
    resources = sum(stack.resources for stack in stacks)
    count = f"{counted(len(stacks), 'stack')}, {counted(resources, 'resource')}"
    return f"{columns(rows)}\n\n{count} in {seconds:.1f} s: {out}/stacks/STACK/cdk.tf.json"
