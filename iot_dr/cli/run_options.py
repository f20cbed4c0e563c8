"""The options that every command with Terraform behind it has."""

import os
from typing import Annotated

import typer

JobsOption = Annotated[
    int, typer.Option(help="Stacks that run side by side.", min=1, max=32, metavar="N")
]
TimeoutOption = Annotated[
    float, typer.Option(help="Seconds that one Terraform command may take.", min=1)
]
ProviderOption = Annotated[
    str | None,
    typer.Option(
        help="standin (no account, no network) or aws; PROVIDER names it too. Default for dev:"
        " standin.",
        metavar="NAME",
    ),
]

PlansDigestOption = Annotated[
    str | None,
    typer.Option(
        help="What `iot-dr pipeline variables` told as PLANS_SHA256: other plans are refused.",
        metavar="DIGEST",
    ),
]

JOBS = min(os.cpu_count() or 2, 8)
TIMEOUT = 3600.0

SeedOption = Annotated[
    int, typer.Option(help="The same seed draws the same phases and waits.", min=0, metavar="N")
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
