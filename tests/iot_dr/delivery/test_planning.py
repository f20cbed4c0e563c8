"""What plans say of the stacks that an earlier apply has left."""

from pathlib import Path

import pytest

from iot_dr.delivery.planning import PlanRequest, provenance
from iot_dr.delivery.rollout.lease import Lease, lease_location
from iot_dr.delivery.session import RunLimits
from iot_dr.delivery.state.objects import S3Objects
from iot_dr.drill.play.account import client
from iot_dr.terraform_json.provider_choice import Provider
from stacks.platform_graph import platform_graph
from tests.support.aws_account import account, lead_to
from tests.support.settings import settings

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
