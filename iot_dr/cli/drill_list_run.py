"""The work of `iot-dr drill list`."""

import json

import typer

from environments.loader import load
from iot_dr.cli.columns import columns
from iot_dr.drill.extras import require_extra
from iot_dr.drill.world.reading import synthesized_world


def run(environment: str, *, as_json: bool) -> int:
    """Print the kinds of outages with what is expected of them; give the exit status."""
    require_extra()
    from iot_dr.drill.outages.catalogue import MONTHLY, OUTAGES  # noqa: PLC0415 - needs the extra

    world = synthesized_world(load(environment))
    region = world.primary.region
    expected = {name: outage.expects(world, region) for name, outage in OUTAGES.items()}
    if as_json:
        told = [
            {
                "name": name,
                "title": outage.title,
                "devices": expected[name].effect.value,
                "why": expected[name].why,
                "monthly": name in MONTHLY,
            }
            for name, outage in OUTAGES.items()
        ]
        typer.echo(json.dumps(told, indent=2))
        return 0
    rows = [("KIND", "DEVICES", "WHAT HAPPENS")]
    rows += [(name, expected[name].effect.value, each.title) for name, each in OUTAGES.items()]
    typer.echo(f"{columns(rows)}\n\nEach month: {', '.join(MONTHLY)}")
    return 0
