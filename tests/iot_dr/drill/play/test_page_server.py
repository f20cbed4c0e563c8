"""The page of a game: who gets it, what it may load, and when its stream ends."""

import re
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

from iot_dr.drill.play.page_server import page_served
from tests.support.refusal import refusal


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
