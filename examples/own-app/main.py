"""An app of one's own: two environments, and a stack of the project in each region."""

from pathlib import Path

from cdktf import App
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct
from iot_dr.api import BaseStack, IotPlatformStage, Settings, StackNode, load_settings

HERE = Path(__file__).parent
ENVIRONMENTS = ("dev", "prod")


class Orders(BaseStack):
    """A queue of orders in each region."""

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


def build(outdir: Path | None = None) -> dict[str, IotPlatformStage]:
    """Synthesize both environments into one folder, and return their stages by name."""
    app = App(outdir=str(outdir) if outdir else None)
    stages = {
        name: IotPlatformStage(
            app, load_settings(name, {}, HERE / "environments"), regional=[Orders]
        )
        for name in ENVIRONMENTS
    }
    app.synth()
    return stages


if __name__ == "__main__":
    build()
