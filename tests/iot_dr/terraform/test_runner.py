"""What a walk through stacks applies, and how many Terraforms it needs."""

from pathlib import Path

import pytest

from iot_dr.terraform.commands import ProcessCommands
from iot_dr.terraform.pool import Pool
from iot_dr.terraform.sandbox.states import states_in
from iot_dr.terraform.schedule import Done
from tests.iot_dr.terraform.platform import BUCKET, REGION, Platform

ZONE, ENDPOINT, ALONE = (f"iot-dev-{what}" for what in ("zone", "endpoint", "alone"))


@pytest.mark.usefixtures("lent")
@pytest.mark.parametrize(
    ("is_thrown_away", "applied"), [(True, [ZONE]), (False, [ALONE, ENDPOINT, ZONE])]
)
def test_where_all_is_thrown_away_only_what_another_stack_reads_is_applied(
    tmp_path: Path, *, is_thrown_away: bool, applied: list[str]
) -> None:
    platform = Platform(tmp_path)
    made = {"resource": {"terraform_data": {"made": {"input": "x"}}}}
    key = f"dev/{ZONE}.tfstate"
    config = {"bucket": BUCKET, "key": key, "region": REGION}
    read = {"terraform_remote_state": {"zone": {"backend": "s3", "config": config}}}
    handed = {"zone_id": {"value": "Z1"}}
    platform.add(ZONE, **made, output=handed)
    platform.add(ALONE, ZONE, **made)
    shown = {"read": {"value": "${data.terraform_remote_state.zone.outputs.zone_id}"}}
    platform.add(ENDPOINT, ZONE, **made, data=read, output=shown)

    ran = platform.walk(is_thrown_away=is_thrown_away)

    assert ran.messages == ""
    assert [state.key for state in states_in(platform.sandbox)] == [
        f"dev/{stack}.tfstate" for stack in applied
    ]
    endpoint = ran.outcomes[ENDPOINT]
    assert isinstance(endpoint, Done)
    assert endpoint.result.document["output_changes"]["read"]["after"] == "Z1"


@pytest.mark.usefixtures("lent")
def test_where_all_is_thrown_away_no_state_is_locked(tmp_path: Path) -> None:
    platform = Platform(tmp_path)
    platform.add(ZONE, resource={"terraform_data": {"made": {"input": "x"}}})
    assert platform.walk().messages == ""
    lock = platform.state(ZONE).with_name(f"{ZONE}.tfstate.tflock")
    lock.write_text("{}")
    assert "locked" in platform.walk().messages
    assert platform.walk(is_thrown_away=True).messages == ""
    assert lock.read_text() == "{}"


def test_a_second_terraform_is_not_used_while_the_first_is_free() -> None:
    with Pool(2, lambda: ProcessCommands(["terraform"], {}, limit=0, grace=0)) as pool:
        with pool.lent() as first:
            pass
        with pool.lent() as again, pool.lent() as other:
            assert again is first
            assert other is not first
