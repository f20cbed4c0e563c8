"""The buckets that hold the state of every stack, this one's included."""

from constructs import Construct

from environments.settings import Settings
from modules.state_bucket import StateBucket, StateBucketInputs
from stacks.base_stack import BaseStack
from stacks.graph import StackNode


class StateBackendStack(BaseStack):
    """A state bucket in each region, so that a region's stacks never need another region."""

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, settings.regions)
        for region in settings.regions:
            slot = region.replace("-", "_")
            bucket = StateBucket(
                self,
                f"bucket_{slot}",
                StateBucketInputs(
                    provider=self.provider(region),
                    bucket_name=settings.state_bucket(region),
                    slot=slot,
                ),
            )
            self.hand_over(
                f"state_bucket_{slot}",
                bucket.outputs.bucket_name,
                f"Bucket that holds the state of the stacks in {region}",
            )
