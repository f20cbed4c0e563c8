"""A project's own stacks in the graph, the waves and the synthesis."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from cdktf import App

from environments.errors import SettingsError
from environments.settings import Settings
from iot_dr.api import BaseStack, IotPlatformStage
from stacks.own_stacks import with_own_stacks
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves
from tests.stacks import own_examples
from tests.stacks.own_examples import Billing, Catalogue, Directory, Orders
from tests.support.settings import REGIONS, settings

Classes = Sequence[type[BaseStack]]


def own(
    regional: Classes = (Orders, Billing),
    global_: Classes = (Catalogue, Directory),
    **changes: object,
) -> Settings:
    """Return settings with own stacks."""
    return with_own_stacks(settings(**changes), regional, global_)


def waves(chosen: Settings) -> list[list[str]]:
    """Return the names of each wave's stacks, without the prefix of all."""
    graph = platform_graph(chosen)
    return [[node.name.removeprefix("iot-dev-") for node in wave] for wave in graph.waves]


def refusal(regional: Classes = (), global_: Classes = (), **changes: object) -> str:
    """Return the one line with which the stage refuses own stacks."""
    with pytest.raises(SettingsError) as error:
        IotPlatformStage(App(), settings(**changes), regional=regional, global_=global_)
    (mistake,) = error.value.mistakes
    assert "\n" not in str(mistake)
    return str(mistake)


def kind(name: str, *upstream: str) -> type[BaseStack]:
    """Return a class of stacks without resources."""
    return type("Own", (BaseStack,), {"kind": name, "upstream": upstream})


def test_own_stacks_are_rolled_out_with_their_region_and_after_what_they_read() -> None:
    first, second = "eu-central-1", "eu-west-1"
    assert waves(own()) == [
        ["state"],
        ["hosted-zone"],
        ["catalogue"],
        [f"iot-{first}"],
        [f"orders-{first}"],
        [f"billing-{first}"],
        [f"iot-{second}"],
        [f"orders-{second}"],
        [f"billing-{second}"],
        ["entry-point"],
        ["directory"],
    ]


@pytest.mark.parametrize("zone", [{"create": True}, {"lookup": True}])
@pytest.mark.parametrize("data", [None, {}])
@pytest.mark.parametrize("handover", [None, "eu-central-1"])
@pytest.mark.parametrize("upstream", [(), ("iot",), ("catalogue",), ("hosted-zone", "iot")])
def test_every_wave_of_own_stacks_changes_one_region_with_one_role(
    upstream: tuple[str, ...], handover: str | None, data: object, zone: object
) -> None:
    chosen = own(
        [kind("queue", *upstream)],
        [kind("catalogue"), kind("report", "queue"), kind("archive", "report")],
        regions=list(REGIONS[:3]),
        leaving_regions=[REGIONS[3]],
        handover_region=handover,
        data=data,
        zone=zone,
    )
    graph = platform_graph(chosen)
    # Raises RolloutError for a wave that would change two regions.
    assert {node.name for node in graph.nodes} == {*RolloutWaves(graph).numbers}


def test_a_leaving_region_destroys_a_reader_before_the_stack_that_it_reads() -> None:
    *_, last, before, first = reversed(waves(own(leaving_regions=["us-east-2"]))[-3:])
    assert [first, before, last] == [["billing-us-east-2"], ["orders-us-east-2"], ["iot-us-east-2"]]


def test_while_the_home_region_is_down_regions_depend_on_no_global_stack() -> None:
    chosen = own(handover_region="eu-central-1")
    global_names = {node.name for node in platform_graph(chosen).nodes if not node.is_regional}
    for node in platform_graph(chosen).nodes:
        if node.is_regional:
            assert global_names.isdisjoint(node.earlier)


def test_each_stack_has_its_regions_provider_and_reads_the_outputs_of_its_region() -> None:
    stage = IotPlatformStage(App(), settings(), regional=[Orders, Billing], global_=[Catalogue])
    document = stage.stacks["iot-dev-billing-eu-central-1"].to_terraform()
    assert document["provider"]["aws"][0]["region"] == "eu-central-1"
    states = document["data"]["terraform_remote_state"]
    assert {name: state["config"]["region"] for name, state in states.items()} == {
        "iot_dev_orders_eu_central_1": "eu-central-1",
        "iot_dev_catalogue": "eu-west-1",
    }


def test_a_zone_that_is_looked_up_is_read_by_a_data_source() -> None:
    chosen = settings(zone={"lookup": True})
    stage = IotPlatformStage(App(), chosen, regional=[Orders, Billing], global_=[Catalogue])
    assert stage.graph.waves[1][0].name == "iot-dev-catalogue"
    data = stage.stacks["iot-dev-catalogue"].to_terraform()["data"]
    assert data.keys() == {"aws_route53_zone"}


def test_without_classes_the_stage_has_the_stacks_that_the_settings_declare() -> None:
    stage = IotPlatformStage(App(), own([Orders], []))
    assert "iot-dev-orders-eu-west-1" in stage.stacks
    assert "iot-dev-orders-eu-west-1" not in IotPlatformStage(App(), settings()).stacks


@pytest.mark.parametrize(
    ("regional", "global_", "message"),
    [
        ([kind("iot")], [], "has the kind 'iot', which is one of the platform's; choose another"),
        ([kind("")], [], "has the kind ''; expected lower-case letters"),
        ([kind("iot-eu-west-1")], [], "without a region at the end"),
        ([kind("a")], [kind("a")], "has the kind 'a' of another own stack"),
        ([kind("a", "b")], [], "depends on 'b'; expected one of data, device-registry"),
        ([kind("a", "b"), kind("b", "a")], [], "depend on each other: "),
        ([kind("a", "entry-point")], [], "applied after all regions; make it a global stack"),
        ([kind("a", "b")], [kind("b", "iot")], "depends on b, which is applied after all regions"),
        (
            [kind("a", "telemetry")],
            [],
            "which dev does not have; add the block data to environments/dev.yaml",
        ),
        ([own_examples.Undeclared], [], 'not in upstream; add "hosted-zone" to upstream'),
        ([own_examples.WithoutProvider], [], "aws_sqs_queue.queue has no provider; pass provider="),
        ([own_examples.SameConstruct], [], "already a Construct with name 'queue'"),
        ([own_examples.OtherRegion], [], "reads the state of iot-dev-iot-eu-west-1 in another"),
        (
            [own_examples.Ending],
            [],
            "cannot be synthesized: Ending ends the program: SystemExit: 0",
        ),
    ],
)
def test_an_impossible_own_stack_is_refused_in_one_line(
    regional: Classes, global_: Classes, message: str
) -> None:
    assert message in refusal(regional, global_)


def test_an_exception_is_shown_with_the_file_and_line_of_the_projects_code() -> None:
    line = next(
        number
        for number, text in enumerate(Path(own_examples.__file__).read_text().splitlines(), 1)
        if "raise KeyError" in text
    )
    place = re.escape(f"own_examples.py:{line}: iot-dev-broken-eu-west-1: ")
    message = refusal([own_examples.Broken])
    assert re.search(place, message)
    assert message.endswith("cannot be synthesized: KeyError: 'eu-west-1'")
