"""The stack of a leaving region, which destroys its resources."""

from constructs import Construct

from environments.settings import Settings
from modules.certificate import released_record
from stacks.base_stack import BaseStack
from stacks.graph import StackNode


class LeavingStack(BaseStack):
    """A regional stack with a backend and a provider but no resources (ADR 0017).

    Its state still lists the region's resources, so Terraform plans to destroy all of them.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [node.region])
        if settings.certificate_region and node.what == "iot":
            # Another region has the validation record now, and must not lose it.
            self.add_override("removed", [released_record()])
