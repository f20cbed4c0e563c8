"""The account of a game, and the file that leads a terminal to it."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from iot_dr.drill.play.account import client
from iot_dr.drill.play.place import PlayedEnvironment, place
from iot_dr.observe.status.network import Network
from tests.support.settings import settings


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
