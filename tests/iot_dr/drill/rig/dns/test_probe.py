import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import pytest

from iot_dr.drill.rig.addresses import free_addresses
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.probe import HealthCheckProber
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.cloud import Cloud, RegionService
from iot_dr.drill.rig.region.https_server import HttpRequest, HttpResponse, only_for, serve_https
from iot_dr.route53.check import HealthCheck
from tests.support.drill import ZONE, in_loop, server_context
from tests.support.drill_cloud import DEEP, PRIMARY, SHALLOW, STANDBY, two_regions

_SPEED = 20


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def _cloud(authority: Authority, speed: float = _SPEED) -> Cloud:
    addresses = free_addresses([PRIMARY, STANDBY])
    return Cloud.of(two_regions(), addresses, RigClock(speed), authority.roots)


@dataclass
class _Api:
    """An HTTPS server in place of a region's API, or of its name's front."""

    status: int = 200
    body: bytes = b"{}"
    requests: list[HttpRequest] = field(default_factory=list[HttpRequest])

    async def answer(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        return HttpResponse(self.status, self.body)

    @asynccontextmanager
    async def serving(
        self, context: ssl.SSLContext, address: tuple[str, int]
    ) -> AsyncGenerator[None]:
        server = await serve_https(self.answer, context, address)
        try:
            yield
        finally:
            server.close()


@contextmanager
def _full(address: tuple[str, int]) -> Generator[socket.socket]:
    """Listen and accept nothing, with a queue in which there is no more room."""
    with socket.create_server(address, backlog=0) as listener:
        waiting = [socket.socket() for _ in range(3)]
        try:
            for connection in waiting:
                connection.setblocking(False)
                connection.connect_ex(address)
            yield listener
        finally:
            for connection in waiting:
                connection.close()


@pytest.mark.parametrize(
    ("status", "is_well"),
    [(200, True), (204, True), (302, True), (403, False), (404, False), (429, False), (503, False)],
)
@in_loop
async def test_a_status_of_2xx_or_3xx_is_healthy(
    authority: Authority, status: int, is_well: bool
) -> None:
    cloud, api = _cloud(authority, speed=1), _Api(status)
    context = server_context(authority.server(cloud.apis[PRIMARY].host))
    async with api.serving(context, cloud.endpoint(PRIMARY, "api")):
        assert await HealthCheckProber(cloud).probe(DEEP) is is_well
    (request,) = api.requests
    assert (request.method, request.path) == ("GET", cloud.values(DEEP.path))
    assert request.headers["host"] == cloud.apis[PRIMARY].host


@pytest.mark.parametrize(
    ("change", "is_well"),
    [
        ({"searched": "out"}, True),
        ({"searched": "OUT"}, False),
        ({"searched": "late"}, False),
        ({"has_sni": False}, False),
        ({"port": 8443}, False),
        ({"type": "HTTP"}, False),
        ({"type": "HTTP", "port": 80}, False),
        ({"type": "TCP"}, True),
    ],
)
@in_loop
async def test_a_check_sends_and_finds_what_it_says(
    authority: Authority, change: dict[str, Any], is_well: bool
) -> None:
    cloud = _cloud(authority, speed=1)
    host = cloud.apis[PRIMARY].host
    context = server_context(authority.server(host))
    only_for(context, frozenset({host}))
    api = _Api(body=b'{"outcome": "ok"}'.ljust(5_117) + b"late")
    async with api.serving(context, cloud.endpoint(PRIMARY, "api")):
        assert await HealthCheckProber(cloud).probe(replace(DEEP, **change)) is is_well


@in_loop
async def test_a_certificate_is_not_validated(authority: Authority) -> None:
    cloud = _cloud(authority, speed=1)
    expired = authority.server("other.example.com", is_expired=True)
    context = server_context(expired)
    async with _Api().serving(context, cloud.endpoint(PRIMARY, "api")):
        assert await HealthCheckProber(cloud).probe(DEEP)


@in_loop
async def test_an_endpoint_with_tls_1_3_alone_is_unhealthy(authority: Authority) -> None:
    cloud = _cloud(authority, speed=1)
    context = server_context(authority.server(cloud.apis[PRIMARY].host))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    async with _Api().serving(context, cloud.endpoint(PRIMARY, "api")):
        assert not await HealthCheckProber(cloud).probe(DEEP)


@in_loop
async def test_an_https_check_on_the_name_of_aws_iot_asks_its_front(authority: Authority) -> None:
    cloud, front = _cloud(authority, speed=1), _Api(HTTPStatus.FORBIDDEN)
    context = server_context(authority.server(f"*.{ZONE}"))
    async with front.serving(context, cloud.endpoint(PRIMARY, "https")):
        assert not await HealthCheckProber(cloud).probe(replace(DEEP, host=SHALLOW.host))
    assert front.requests[0].headers["host"] == SHALLOW.host


@in_loop
async def test_an_endpoint_that_hangs_is_unhealthy_after_two_seconds(
    authority: Authority,
) -> None:
    cloud = _cloud(authority)
    with socket.create_server(cloud.endpoint(PRIMARY, "api")):
        begin = cloud.clock.now()
        assert not await HealthCheckProber(cloud).probe(DEEP)
        assert 2 <= cloud.clock.now() - begin < 60


@pytest.mark.parametrize(("check", "door", "limit"), [(DEEP, "api", 4), (SHALLOW, "mqtt", 10)])
@in_loop
async def test_an_endpoint_that_takes_no_connection_is_unhealthy_after_the_limit(
    authority: Authority, check: HealthCheck, door: RegionService, limit: float
) -> None:
    cloud = _cloud(authority)
    with _full(cloud.endpoint(PRIMARY, door)):
        begin = cloud.clock.now()
        assert not await HealthCheckProber(cloud).probe(check)
        assert limit <= cloud.clock.now() - begin < limit + 50


@pytest.mark.parametrize("check", [DEEP, SHALLOW])
@in_loop
async def test_a_refused_connection_is_unhealthy_at_once(
    authority: Authority, check: HealthCheck
) -> None:
    cloud = _cloud(authority, speed=1)
    begin = cloud.clock.now()
    assert not await HealthCheckProber(cloud).probe(check)
    assert cloud.clock.now() - begin < 1


@in_loop
async def test_a_port_that_accepts_is_healthy_for_a_tcp_check(authority: Authority) -> None:
    cloud = _cloud(authority, speed=1)
    with socket.create_server(cloud.endpoint(PRIMARY, "mqtt")):
        assert await HealthCheckProber(cloud).probe(SHALLOW)


@in_loop
async def test_a_port_on_which_aws_iot_does_not_listen_is_unhealthy(authority: Authority) -> None:
    assert not await HealthCheckProber(_cloud(authority)).probe(replace(SHALLOW, port=1883))


@in_loop
async def test_a_storm_of_devices_does_not_keep_a_probe_out(authority: Authority) -> None:
    """Within the limit of 10 s, of which the kernel's own next attempt comes at the twentieth."""
    cloud = _cloud(authority)
    with _full(cloud.endpoint(PRIMARY, "mqtt")) as listener:
        probing = asyncio.ensure_future(HealthCheckProber(cloud).probe(SHALLOW))
        await cloud.clock.sleep(2)
        listener.setblocking(False)
        accepted = [(await asyncio.get_running_loop().sock_accept(listener))[0]]
        assert await probing
        for connection in accepted:
            connection.close()


@in_loop
async def test_a_check_that_asks_no_region_is_refused(authority: Authority) -> None:
    with pytest.raises(ValueError, match="has no endpoint in a region"):
        await HealthCheckProber(_cloud(authority)).probe(replace(SHALLOW, region=None))
