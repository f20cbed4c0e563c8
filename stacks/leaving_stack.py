"""The stack of a region that is leaving: what is left of it to destroy."""

from constructs import Construct

from environments.settings import Settings
from stacks.base_stack import BaseStack
from stacks.graph import StackNode


class LeavingStack(BaseStack):
    """The backend and the provider of a regional stack and nothing else (ADR 0017).

    Its state still tells what stands in the region, so that Terraform's plan is to destroy it all.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [node.region])
