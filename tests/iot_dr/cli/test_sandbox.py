"""What `iot-dr sandbox up` says of the outputs that stacks read."""

from iot_dr.cli.sandbox import handed_over_text
from iot_dr.terraform.hand_over import HandOver


def test_each_output_is_shown_once_with_its_readers_in_80_columns() -> None:
    zone = "staging/iot-staging-hosted-zone.tfstate"
    readers = (f"iot-staging-iot-{each}" for each in ("eu-west-1", "eu-central-1", "eu-north-1"))
    handed = [
        *(HandOver(output="zone_id", key=zone, value="Z1", consumer=each) for each in readers),
        HandOver(
            output="certificate_arn",
            key=zone,
            value="arn:" + "a" * 90,
            consumer="iot-staging-iot-eu-west-1",
        ),
    ]
    assert handed_over_text(handed).splitlines() == [
        "iot-staging-hosted-zone: zone_id",
        "  Z1",
        "  read by iot-staging-iot-eu-west-1, iot-staging-iot-eu-central-1,",
        "    iot-staging-iot-eu-north-1",
        "iot-staging-hosted-zone: certificate_arn",
        "  arn:" + "a" * 90,
        "  read by iot-staging-iot-eu-west-1",
    ]
