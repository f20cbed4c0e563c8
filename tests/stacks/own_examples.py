"""Own stacks of a project, for tests."""

import sys

from cdktf import TerraformHclModule
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct

from iot_dr.api import BaseStack, Permission, Settings, StackNode


class Orders(BaseStack):
    """A queue in each region, which reads the region's endpoint."""

    kind = "orders"
    upstream = ("iot",)

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        queue = SqsQueue(
            self,
            "queue",
            provider=self.provider(),
            name=self.context.name("orders"),
            tags={"Endpoint": self.platform.regional_name},
        )
        self.hand_over("queue_url", queue.url, "Queue of orders")


class Billing(BaseStack):
    """A queue in each region, which reads the queue of orders."""

    kind = "billing"
    upstream = ("orders", "catalogue")

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        SqsQueue(
            self,
            "queue",
            provider=self.provider(),
            name=self.context.name("billing"),
            tags={
                "Orders": self.output("orders", "queue_url"),
                "Zone": self.output("catalogue", "zone_id"),
            },
        )


class Catalogue(BaseStack):
    """A global stack that all regions can read."""

    kind = "catalogue"
    upstream = ("hosted-zone",)

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        self.hand_over("zone_id", self.platform.zone_id, "Zone of the environment")


class Directory(BaseStack):
    """A global stack that reads all regions."""

    kind = "directory"
    upstream = ("orders", "entry-point")

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        for region in settings.regions:
            url = self.output("orders", "queue_url", region)
            self.hand_over(f"queue_{region.replace('-', '_')}", url, "Queue of a region")


class Parameter(BaseStack):
    """A parameter, a type that the platform does not use."""

    kind = "parameter"

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        name = f"/{self.context.name('limit')}"
        SsmParameter(self, "limit", provider=self.provider(), name=name, type="String", value="1")


class DeclaredParameter(Parameter):
    """The same, with the permissions that a pipeline needs for it."""

    permissions = {  # noqa: RUF012 - as a project writes it
        "aws_ssm_parameter": [
            Permission(
                resources=("arn:aws:ssm:{region}:{account}:parameter{name}",),
                read=("ssm:GetParameter*", "ssm:ListTagsForResource"),
                write=("ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:PutParameter"),
            ),
            Permission(resources=("*",), read=("ssm:DescribeParameters",)),
        ]
    }


class Called(BaseStack):
    """A stack that calls a module."""

    kind = "called"

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        TerraformHclModule(self, "audit", source="/audit", providers=[self.provider()])


class Broken(BaseStack):
    """A stack whose code raises an exception."""

    kind = "broken"

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        raise KeyError(node.region)


class OtherRegion(BaseStack):
    """A regional stack that reads another region."""

    kind = "other-region"
    upstream = ("iot",)

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        self.output("iot", "regional_name", settings.primary_region)


class Undeclared(BaseStack):
    """A stack that reads a stack which is not in its `upstream`."""

    kind = "undeclared"

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        self.hand_over("zone_id", self.platform.zone_id, "Zone of the environment")


class WithoutProvider(BaseStack):
    """A stack with a resource that has no provider."""

    kind = "without-provider"

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        SqsQueue(self, "queue", name="queue")


class SameConstruct(BaseStack):
    """A stack with two constructs of the same id."""

    kind = "same-construct"

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        for name in ("one", "two"):
            SqsQueue(self, "queue", provider=self.provider(), name=name)


class Ending(BaseStack):
    """A stack that ends the program, as if it had succeeded."""

    kind = "ending"

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        sys.exit(0)
