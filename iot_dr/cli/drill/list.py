"""`iot-dr drill list`: the kinds of outages."""

from environments.loader import load
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.text import echo, table
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.drill.extras import require_extra
from iot_dr.drill.rig.world.reading import synthesized_world


def list(  # noqa: A001 - the command's name
    env: EnvironmentOption = "dev", as_json: JsonOption = False
) -> None:
    """List the kinds of outages and their expected effects on devices.

    Example: iot-dr drill list --env dev
    """
    require_extra()
    from iot_dr.drill.outages.catalogue import MONTHLY, OUTAGES  # noqa: PLC0415 - needs the extra

    world = synthesized_world(load(env))
    region = world.primary.region
    expected = {name: outage.expects(world, region) for name, outage in OUTAGES.items()}
    if as_json:
        kinds = [
            {
                "name": name,
                "title": outage.title,
                "effect": expected[name].effect.value,
                "why": expected[name].why,
                "monthly": name in MONTHLY,
            }
            for name, outage in OUTAGES.items()
        ]
        print_document("drill list", with_old_keys("drill list", kinds), environment=env)
        return
    rows = [("KIND", "EFFECT", "WHAT HAPPENS")]
    rows += [(name, expected[name].effect.value, each.title) for name, each in OUTAGES.items()]
    echo(f"{table(rows)}\n\nMonthly: {', '.join(MONTHLY)}")
