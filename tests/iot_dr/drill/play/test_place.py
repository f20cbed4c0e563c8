"""The file that leads a terminal to a game."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from iot_dr.drill.play.place import Place
from iot_dr.observe.status.network import Network


def test_nothing_of_a_terminal_leads_commands_past_the_game(tmp_path: Path) -> None:
    place = Place(
        settings=cast("Any", None),
        world=cast("Any", None),
        applied=cast("Any", None),
        faults=cast("Any", SimpleNamespace(endpoint="http://127.0.0.1:5000")),
        certificates=cast("Any", SimpleNamespace(roots=tmp_path / "it's.pem")),
        folder=tmp_path,
    )
    file = place.write_terminal(Network(resolvers=()))
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
