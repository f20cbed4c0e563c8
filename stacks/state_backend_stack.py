"""The stack of the state buckets, the copies of states, and the functions' permissions boundary.

The boundary is here because this stack is applied before every stack that creates such a role.
"""

from typing import TYPE_CHECKING

from constructs import Construct

from environments.settings import Settings
from modules.permissions_boundary import PermissionsBoundary, PermissionsBoundaryInputs
from modules.state_bucket import StateBucket, StateBucketInputs, removed_blocks
from modules.state_replication import (
    ReplicatedBucket,
    StateReplication,
    StateReplicationInputs,
)
from stacks.base_stack import BaseStack
from stacks.graph import StackNode
from stacks.policy_names import PATH, function_boundary_name
from stacks.state_location import LEAVING_OUTPUT, copied_stacks, copy_regions, state_location

if TYPE_CHECKING:
    from stacks.permissions.permissions import Permissions


class StateBackendStack(BaseStack):
    """A state bucket in each region, so that a region's stacks never need another region.

    The global stacks' states are replicated one way, from the home region's bucket to all others.
    The bucket of a leaving region is removed from the state without being destroyed: it has the
    state of the resources still to destroy, and remains as an archive (ADR 0017).
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, settings.state_buckets)
        buckets = {region: self._bucket(region) for region in settings.regions}
        home = settings.home_region
        self._boundary = self._function_boundary(home)
        StateReplication(
            self,
            "replication",
            StateReplicationInputs(
                provider=self.provider(home),
                role_name=self.context.name("state-replication"),
                account_id=settings.account_id,
                source=self._replicated(home),
                destinations=[self._replicated(region) for region in copy_regions(settings)],
                keys=[state_location(settings, node).key for node in copied_stacks(settings)],
                versioning=[bucket.outputs.versioning for bucket in buckets.values()],
                boundary_arn=self._boundary.outputs.arn if self._boundary else None,
            ),
        )
        if settings.leaving_regions:
            # CDKTF has no type for `removed`, a block of Terraform 1.7.
            blocks = [
                block
                for region in settings.leaving_regions
                for block in removed_blocks(_slot(region))
            ]
            self.add_override("removed", blocks)
            # Their stacks are destroyed last: until then this is what the states know of them.
            leaving = list(settings.leaving_regions)
            self.hand_over(LEAVING_OUTPUT, leaving, "Regions whose stacks are to be destroyed")

    def allow(self, permissions: "Permissions") -> None:
        """Set the statements of the functions' permissions boundary, if there is a pipeline."""
        if self._boundary:
            self._boundary.write(permissions.function_boundary)

    def _function_boundary(self, home: str) -> PermissionsBoundary | None:
        """Return the permissions boundary of functions' roles (ADR 0020); None without a pipeline.

        The pipeline's stack would be too late: its state is in a bucket of this stack, which
        `iot-dr state init` applies first, and the standing pipeline is applied last.
        """
        if self.settings.pipeline is None:
            return None
        inputs = PermissionsBoundaryInputs(
            provider=self.provider(home),
            name=function_boundary_name(self.context),
            path=PATH,
            slot="function_boundary",
            description="What a function can do at the most",
        )
        return PermissionsBoundary(self, "function-boundary", inputs)

    def _replicated(self, region: str) -> ReplicatedBucket:
        slot = _slot(region)
        return ReplicatedBucket(bucket=self.settings.state_bucket(region), region=slot, slot=slot)

    def _bucket(self, region: str) -> StateBucket:
        slot = _slot(region)
        bucket = StateBucket(
            self,
            f"bucket_{slot}",
            StateBucketInputs(
                provider=self.provider(region),
                bucket_name=self.settings.state_bucket(region),
                slot=slot,
            ),
        )
        self.hand_over(
            f"state_bucket_{slot}",
            bucket.outputs.bucket_name,
            f"Bucket that holds the state of the stacks in {region}",
        )
        return bucket


def _slot(region: str) -> str:
    return region.replace("-", "_")
