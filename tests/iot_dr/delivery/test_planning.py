"""What plans say of the stacks that an earlier apply has left, and where plans are kept."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from functions.contract import switch_alarm_regions
from iot_dr.delivery.deployed_regions import deployed_regions
from iot_dr.delivery.plan_folder_writer import PlanProvenance, PlansNotWrittenError, write_plans
from iot_dr.delivery.planning import PlanRequest, provenance
from iot_dr.delivery.region_steps import DeployedRegions
from iot_dr.delivery.rollout.lease import Lease, lease_location
from iot_dr.delivery.session import RunLimits
from iot_dr.delivery.state.objects import S3Objects
from iot_dr.drill.play.account import client
from iot_dr.terraform_json.plan_manifest import PlanManifest, PlannedStack
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation
from tests.support.aws_account import account, lead_to
from tests.support.full_disk import largest_file
from tests.support.settings import REGIONS, settings
from tests.support.state_files import state_file, state_resource

SETTINGS = settings()


def request(provider: Provider, folder: Path) -> PlanRequest:
    limits = RunLimits(jobs=1, timeout=10)
    return PlanRequest(settings=SETTINGS, provider=provider, limits=limits, base=None, keep=folder)


def test_plans_of_all_stacks_on_aws_name_the_one_that_was_left_partially_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, central = (
        node
        for node in platform_graph(SETTINGS).nodes
        if node.region in SETTINGS.regions and node.role
    )
    with account(SETTINGS.account_id) as endpoint:
        lead_to(endpoint, monkeypatch)
        # Before the first deploy there are no buckets, and nothing was left.
        assert provenance(request(Provider.AWS, tmp_path), None).partially_applied == ()
        for region in SETTINGS.regions:
            place = {"LocationConstraint": region}
            client("s3", region, endpoint).create_bucket(
                Bucket=SETTINGS.state_bucket(region), CreateBucketConfiguration=place
            )
        S3Objects(None).write_if_unchanged(
            lease_location(SETTINGS, central), None, Lease.now().abandoned.to_json()
        )
        made = provenance(request(Provider.AWS, tmp_path), None)
    assert made.partially_applied == (central.name,)


def test_a_throwaway_sandbox_has_none(tmp_path: Path) -> None:
    assert provenance(request(Provider.STANDIN, tmp_path), None).partially_applied == ()


MAKING = PlanProvenance(settings(), Provider.STANDIN, None, None)


def test_the_plans_that_a_former_manifest_names_go_and_nothing_else(tmp_path: Path) -> None:
    former = PlannedStack(
        name="iot-dev-state", what="state", region="eu-west-1", role=None, wave=1, status="planned"
    )
    made = PlanManifest(
        format=1, environment="dev", provider="standin", wave=1, base=None, stacks=(former,)
    )
    for name in ("iot-dev-state.tfplan", "iot-dev-state.json", "mine.json", "mine.tfplan"):
        (tmp_path / name).touch()
    (tmp_path / "manifest.json").write_bytes(made.encoded())
    write_plans(tmp_path, MAKING, [])
    left = {each.name for each in tmp_path.iterdir()}
    assert left == {"manifest.json", "mine.json", "mine.tfplan"}


def test_plans_without_room_are_reported_with_what_to_do(tmp_path: Path) -> None:
    problem = "kept: File too large; free some space there and run the command again$"
    with pytest.raises(PlansNotWrittenError, match=problem), largest_file(100):
        write_plans(tmp_path, MAKING, [])
    assert list(tmp_path.iterdir()) == []


ORDERS = [
    (order, home)
    for count in (2, 3, 4, 5)
    for order in permutations(REGIONS[:count])
    for home in order[:: count - 1]
]

EMPTY = json.loads(state_file())


def states(order: tuple[str, ...], home: str) -> dict[str, dict[str, Any]]:
    """Return the states of the state's stack and of the entry point, by a part of their keys."""
    buckets = [
        state_resource("aws_s3_bucket.state", region, bucket=f"bucket-{region}")
        for region in sorted(order)
    ]
    rules = [
        {"priority": number, "destination": [{"bucket": f"arn:aws:s3:::bucket-{region}"}]}
        for number, region in enumerate((each for each in order if each != home), 1)
    ]
    replication = state_resource(
        "aws_s3_bucket_replication_configuration.state",
        home,
        bucket=f"bucket-{home}",
        # Whoever reads them back may have them in another order.
        rule=rules[::-1],
    )
    alarms = [
        state_resource(
            f"aws_cloudwatch_metric_alarm.switch_{region}_in_{alarm_region}".replace("-", "_"),
            alarm_region,
        )
        for region in order
        for alarm_region in switch_alarm_regions(order, region)
    ]
    return {
        "state": {**EMPTY, "resources": [*buckets, replication]},
        "entry-point": {
            **EMPTY,
            "resources": alarms,
            "outputs": {"primary_region": {"value": order[-1]}},
        },
    }


def read(stored: dict[str, dict[str, Any]], location: StateLocation) -> bytes | None:
    name = location.key.removeprefix("dev/iot-dev-").removesuffix(".tfstate")
    return json.dumps(stored[name]).encode() if name in stored else None


def alarm_regions(order: tuple[str, ...]) -> dict[str, set[str]]:
    return {region: {*switch_alarm_regions(order, region)} for region in order}


def test_every_order_that_decides_an_alarm_region_is_found_again() -> None:
    for order, home in ORDERS:
        stored = states(order, home)
        result = deployed_regions(SETTINGS, lambda place, stored=stored: read(stored, place))
        assert result.primary == order[-1]
        assert alarm_regions(result.regions) == alarm_regions(order), (order, home)
        others = [region for region in order if region != home]
        assert [region for region in result.regions if region != home] == others


def test_before_the_entry_point_home_is_first() -> None:
    stored = states(REGIONS[:3], REGIONS[0])
    stored["entry-point"] = EMPTY
    result = deployed_regions(SETTINGS, lambda place: read(stored, place))
    assert result == DeployedRegions(regions=REGIONS[:3])


@pytest.mark.parametrize(
    "content", [None, b"", b"[]", b"not JSON", b'{"outputs": null, "resources": [1]}']
)
def test_without_a_readable_state_nothing_is_deployed(content: bytes | None) -> None:
    assert deployed_regions(SETTINGS, lambda _: content) == DeployedRegions()


@pytest.mark.parametrize("declared", [(), ("eu-north-1",)])
def test_the_record_of_abandoned_regions_is_read_only_for_one_that_has_resources(
    declared: tuple[str, ...],
) -> None:
    stored = states(REGIONS[:2], REGIONS[0])
    stored["state"]["outputs"] = {"leaving_regions": {"value": ["eu-north-1"]}}
    left = [state_resource("aws_a.a", "eu-north-1")] * len(declared)
    stored["iot-eu-north-1"] = {**EMPTY, "resources": left}

    def fetch(place: StateLocation) -> bytes | None:
        # The roles of a pipeline cannot read it.
        assert not place.key.endswith("abandoned.json")
        return read(stored, place)

    chosen = settings(leaving_regions=list(declared))
    assert deployed_regions(chosen, fetch).leaving == ()
