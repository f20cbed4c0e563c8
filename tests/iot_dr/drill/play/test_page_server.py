"""The page of a game: who gets it, what it may load, and when its stream ends."""

import json
import re
import socket
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from environments.loader import load
from iot_dr.drill.play.account import client
from iot_dr.drill.play.faults import ApiRequest
from iot_dr.drill.play.game import Connections
from iot_dr.drill.play.page_server import page_served
from iot_dr.drill.play.place import PlayedEnvironment, place
from iot_dr.drill.play.platform import DEVICES, Platform
from iot_dr.drill.play.world_time import in_virtual_time
from iot_dr.observe.status.network import Network
from tests.support.drill_worlds import world
from tests.support.refusal import refusal
from tests.support.settings import settings


@contextmanager
def asking(
    state: Callable[[], str] = lambda: "{}",
) -> Generator[Callable[..., HTTPResponse]]:
    with page_served(state, 0) as url:
        place = urlsplit(url)

        def ask(name: str = "", folder: str = place.path, host: str = place.netloc) -> HTTPResponse:
            channel = HTTPConnection(place.netloc, timeout=20)
            channel.request("GET", f"{folder}{name}", headers={"Host": host})
            return channel.getresponse()

        yield ask


def test_only_who_has_the_token_gets_the_page() -> None:
    with asking() as ask:
        assert ask().status == 200
        assert {ask(folder=each).status for each in ("/", "/wrong/", "/%20/")} == {404}
        assert {ask(each).status for each in ("page.py", "../game.py", "page_server.py")} == {404}


def test_a_page_of_another_site_that_resolves_here_gets_nothing() -> None:
    with asking() as ask:
        assert ask("events", host="evil.example:80").status == 404


def test_the_page_loads_only_its_own_files() -> None:
    with asking() as ask:
        page = ask()
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        named = re.findall(r'(?:src|href)="([^"]+)"', page.read().decode())
        assert named == ["page.css", "page.js"]
        assert [ask(each).status for each in named] == [200, 200]


def test_a_stream_ends_with_the_last_state() -> None:
    states = ["1"]
    with asking(lambda: states[-1]) as ask:
        stream = ask("events")
        assert stream.readline() == b"data: 1\n"
        states.append("2")
    assert stream.read().rstrip().endswith(b"data: 2")


def test_a_port_in_use_is_a_mistake() -> None:
    with page_served(lambda: "{}", 0) as url:
        port = urlsplit(url).port or 0
        assert f"--port {port}: " in refusal(lambda: page_served(lambda: "{}", port).__enter__())


def test_a_silent_connection_does_not_keep_a_game_from_ending() -> None:
    with socket.socket() as silent:
        with page_served(lambda: "{}", 0) as url:
            place = urlsplit(url)
            silent.connect((place.hostname, place.port))
            # Connections are accepted in their order.
            later = HTTPConnection(place.netloc, timeout=20)
            later.request("GET", place.path)
            assert later.getresponse().status == 200
        silent.settimeout(0)
        assert silent.recv(1) == b""


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


@pytest.mark.parametrize(
    "zone",
    [
        pytest.param({"id": "Z0EXAMPLE"}, marks=pytest.mark.exhaustive),
        {"id": "Z0EXAMPLE", "name": "example.com", "subdomain": "iot.example.com"},
        {"lookup": True},
        {"delegation": "Z0PARENT"},
    ],
)
def test_a_zone_that_exists_already_is_in_the_account(zone: dict[str, Any]) -> None:
    chosen = settings(zone=zone)
    with place(chosen) as own:
        route53 = client("route53", "us-east-1", own.applied.endpoint)
        zones = {each["Id"]: each["Name"] for each in route53.list_hosted_zones()["HostedZones"]}
    other = {"id": chosen.zone_name, "delegation": chosen.domain}
    given = {f"/hostedzone/{zone[key]}": f"{other[key]}." for key in zone if key in other}
    assert given.items() <= zones.items()
    assert [*zones.values()].count(f"{chosen.zone_name}.") == 1


def test_nothing_of_a_terminal_leads_commands_past_the_game(tmp_path: Path) -> None:
    own = PlayedEnvironment(
        settings=cast("Any", None),
        world=cast("Any", None),
        applied=cast("Any", None),
        faults=cast("Any", SimpleNamespace(endpoint="http://127.0.0.1:5000")),
        certificates=cast("Any", SimpleNamespace(roots=tmp_path / "it's.pem")),
        folder=tmp_path,
    )
    file = own.write_terminal(Network(resolvers=()))
    before = {
        "PATH": "/usr/bin:/bin",
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "secret",
        "AWS_ENDPOINT_URL_CLOUDWATCH": "https://vpce.example",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    }
    script = f'set -e; . "{file}"; env'
    out = subprocess.run(
        ["/bin/sh", "-c", script], env=before, capture_output=True, text=True, check=True
    )
    after = dict(line.split("=", 1) for line in out.stdout.splitlines())
    assert after["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5000"
    assert after["SSL_CERT_FILE"] == str(tmp_path / "it's.pem")
    assert not after.keys() & (before.keys() - {"PATH"})
