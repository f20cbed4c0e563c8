"""Connections that an operator closes: what the fleet index knows, and who reconnects where."""

import json
from typing import Any

from environments.loader import load
from iot_dr.drill.play.connections import Connections
from iot_dr.drill.play.faults import ApiRequest
from iot_dr.drill.play.platform import DEVICES, Platform
from iot_dr.drill.play.world_time import in_virtual_time
from tests.support.drill_worlds import world


def test_a_closed_connection_is_opened_again_where_the_answer_leads() -> None:
    platform, counts = Platform(world(load("dev", {})), "blind-checkers", 1), list[int]()
    connections = Connections(platform, lambda name, link: platform.regions[name].close_link(link))

    def ask(service: str, path: str) -> tuple[int, Any]:
        reply = connections(ApiRequest(service, "eu-west-1", "POST", path, {}, b""))
        assert reply
        return reply.status, json.loads(reply.body)

    def look() -> None:
        _, searched = ask("iot", "/indices/search")
        _, counted = ask("iot", "/indices/statistics")
        counts.append(counted["statistics"]["count"])
        assert counts[-1] == len(searched["things"])
        if platform.now - (platform.began or 0) == 300:
            for thing in searched["things"]:
                assert ask("iotdata", f"/connections/{thing['thingName']}?x=1")[0] == 200
            assert ask("iotdata", "/connections/drill-999999")[0] == 404
        elif len(counts) == 1:
            platform.put("eu-central-1", "eu-west-1", "away")

    in_virtual_time(platform.run([1, 300, 310], look))
    assert counts[0] > DEVICES - 5
    assert counts[1] > DEVICES / 2
    assert counts[2] == 0
    assert platform.counts["eu-central-1"] > DEVICES - 5
