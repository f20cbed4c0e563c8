"""A region with several stacks: any of them keeps the other regions, and none its neighbours."""

from pathlib import Path

import pytest

from iot_dr.delivery.rollout.leases import Leases, LeaseTakenError
from iot_dr.delivery.state.objects import SandboxObjects
from iot_dr.terraform.sandbox.folder import SandboxFolder
from iot_dr.terraform.sandbox.sandbox import create_buckets
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph, regional_kinds
from tests.support.settings import settings

PLATFORM = settings(data={})
WEST, CENTRAL = PLATFORM.regions
KINDS = regional_kinds(PLATFORM)


def stack(what: str, region: str) -> StackNode:
    nodes = platform_graph(PLATFORM).nodes
    return next(node for node in nodes if (node.what, node.region) == (what, region))


@pytest.fixture
def leases(tmp_path: Path) -> Leases:
    SandboxFolder(tmp_path).prepare()
    create_buckets(tmp_path, PLATFORM.state_buckets)
    return Leases(PLATFORM, SandboxObjects(tmp_path))


@pytest.mark.parametrize("other", KINDS)
@pytest.mark.parametrize("what", KINDS)
def test_while_one_stack_of_a_region_is_partially_applied_no_stack_of_another_region_is_changed(
    what: str, other: str, leases: Leases
) -> None:
    with (
        pytest.raises(RuntimeError),
        leases.hold(stack(what, CENTRAL), is_changed=True),
    ):
        raise RuntimeError
    with (
        pytest.raises(LeaseTakenError, match=stack(what, CENTRAL).name),
        leases.hold(stack(other, WEST), is_changed=True),
    ):
        pass
    with leases.hold(stack(what, CENTRAL), is_changed=True):
        pass
    with leases.hold(stack(other, WEST), is_changed=True):
        pass


def test_the_stacks_of_a_region_are_changed_side_by_side(leases: Leases) -> None:
    one, *others = (stack(what, CENTRAL) for what in KINDS)
    with leases.hold(one, is_changed=True):
        for sibling in others:
            with leases.hold(sibling, is_changed=True):
                pass
        with (
            pytest.raises(LeaseTakenError, match=one.name),
            leases.hold(stack(KINDS[-1], WEST), is_changed=True),
        ):
            pass


def test_one_that_is_partially_applied_keeps_none_of_its_own_region(leases: Leases) -> None:
    one, *others = (stack(what, CENTRAL) for what in KINDS)
    with (
        pytest.raises(RuntimeError),
        leases.hold(one, is_changed=True),
    ):
        raise RuntimeError
    for sibling in others:
        with leases.hold(sibling, is_changed=True):
            pass
    assert leases.is_partially_applied(one)


def test_the_tables_at_home_take_no_lease(leases: Leases) -> None:
    with (
        pytest.raises(RuntimeError),
        leases.hold(stack("data", PLATFORM.home_region), is_changed=True),
    ):
        raise RuntimeError
    with leases.hold(stack("iot", CENTRAL), is_changed=True):
        pass
