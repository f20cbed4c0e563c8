"""Process of a region's device gateway: reads a GatewayConfig, then a GatewayState per change."""

import uvloop

from iot_dr.drill.rig.region.device_gateway import Gateway, GatewayConfig, GatewayState
from iot_dr.drill.rig.requests import Requests, run


async def _serve(orders: Requests) -> None:
    gateways: list[Gateway] = []

    async def begin(config: GatewayConfig) -> None:
        gateways.append(Gateway(config))
        await gateways[0].open()

    if await orders.handle_next(GatewayConfig, begin):
        while gateways and await orders.handle_next(GatewayState, gateways[0].take):
            pass


if __name__ == "__main__":
    run(_serve, uvloop.new_event_loop)
