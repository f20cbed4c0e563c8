"""`iot-dr drill run` and `list`, as a user runs them."""

import json
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.command import iot_dr_here, plain_environment
from tests.support.drill import needs_mosquitto
from tests.support.json_output import result_of
from tests.support.project import Project
from tests.support.runbook import Walk

_SOON = "--devices 15 --speed 10"
_TWO = "--outage kill --outage switch"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose `dev` fails over as fast as possible."""
    made = Project.copy(tmp_path_factory.mktemp("drill") / "project", "data")
    file = "environments/dev.yaml"
    made.edit(file, "interval: 30, threshold: 3", "interval: 10, threshold: 2")
    made.edit(file, "ttl: 60", "ttl: 10")
    made.edit(file, "backoff_ceiling: 30", "backoff_ceiling: 10")
    return made


@needs_mosquitto
@pytest.mark.runbook("drill.md")
def test_a_drill_proves_that_devices_fail_over_and_writes_a_report(
    project: Project, walk: Walk
) -> None:
    # One kind for all, and few devices.
    done = project.try_(f"{walk.next('iot-dr drill run --env dev').text} --outage kill {_SOON}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^kill in eu-west-1 +passed ", done.stdout, re.MULTILINE)
    assert "0 lost" in done.stdout
    assert "Traceback" not in done.stderr
    assert "1/1 kill of eu-west-1" in done.stderr
    assert "Report: drill/report.html" in done.stderr
    document = json.loads((project.folder / "drill" / "report.json").read_bytes())
    assert document["status"] == 0
    (outage,) = document["outages"]
    assert outage["figures"]["lost"] == outage["devices"] == 15
    # If the region is back before the watcher switches, the answer may change once more.
    moves = [answer["region"] for answer in outage["answers"]]
    assert moves[:2] == ["eu-west-1", "eu-central-1"]
    assert outage["messages"]["received"] > 15
    # The answers of the devices' first connections had expired by then.
    linked = outage["figures"]["fleet_by_second"]["eu-west-1"]
    assert min(second for second, count in linked if count == 15) <= -outage["ttl"]
    suite = ET.parse(project.folder / "drill" / "junit.xml").getroot()  # noqa: S314 - ours
    assert suite.find(".//testcase") is not None
    swept = project.run(walk.next("iot-dr drill sweep").text)
    assert "meet" in swept
    assert "<html" in (project.folder / "drill" / "report.html").read_text(encoding="utf-8")


@needs_mosquitto
@pytest.mark.exhaustive
def test_ctrl_c_keeps_a_partial_report_and_leaves_no_process(
    project: Project, tmp_path: Path
) -> None:
    """A process that is started to ignore SIGHUP, as by nohup, continues when it comes."""
    command = ["iot_dr", "drill", "run", *_TWO.split(), *_SOON.split(), "--json"]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        ["nohup", sys.executable, "-m", *command, "--out", str(tmp_path / "out")],  # noqa: S607 - the user's
        cwd=project.folder,
        env={**plain_environment(), "PYTHONPATH": str(project.folder), "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as drill:
        assert drill.stderr
        next(line for line in drill.stderr if "1/2 kill" in line)
        drill.send_signal(signal.SIGHUP)
        next(line for line in drill.stderr if "the environment is healthy" in line)
        drill.send_signal(signal.SIGINT)
        out, errors = drill.communicate(timeout=300)
    assert drill.returncode == 130, errors
    # The remaining outages are not rehearsed.
    (outage,) = result_of(out)["outages"]
    assert outage["verdict"] == "partial"
    assert list(scratch.iterdir()) == []
    assert _started_with(str(scratch)) == []


def _started_with(text: str) -> list[str]:
    """Return the names of processes with the text in a variable; a drill passes its own on."""
    results: list[str] = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if text.encode() in (process / "environ").read_bytes():
                results.append((process / "comm").read_text(encoding="utf-8"))
    return results


def test_each_kind_of_outage_is_listed_with_what_it_should_do() -> None:
    done = iot_dr_here("drill", "list", "--json")
    kinds = {each["name"]: each for each in result_of(done.stdout)}
    assert kinds["kill"]["devices"] == "moves"
    assert kinds["device-policy"]["devices"] == "blind"
    assert [name for name, each in kinds.items() if each["monthly"]] == [
        "kill",
        "drop",
        "expired",
        "switch",
    ]
    assert all(each["why"] and each["title"] for each in kinds.values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--outage", "flood"),
            r"--outage flood: not a kind of outage; expected one of kill, .*, all",
        ),
        (("--out", "README.md/report"), r"--out README.md/report: is not a folder"),
        (("--region", "eu-west-9"), r"--region eu-west-9: not a region of dev; expected one of"),
        (
            ("--devices", "20000", "--speed", "60"),
            r"--devices 20000, --speed 60: .* it can rehearse",
        ),
    ],
)
@needs_mosquitto
def test_nonsensical_or_excessive_arguments_are_refused_in_a_sentence(
    arguments: tuple[str, ...], message: str
) -> None:
    done = iot_dr_here("drill", "run", "--outage", "kill", *arguments)
    assert done.returncode == 2
    *_, last = done.stderr.splitlines()
    assert re.search(message, last), done.stderr
    assert "Traceback" not in done.stderr


def test_a_fleet_is_simulated_with_arguments_that_the_settings_lack() -> None:
    command = ("drill", "simulate", "--devices", "200", "--json")
    plain, stretched, crowded = (
        result_of(iot_dr_here(*command, *others).stdout)
        for others in ((), ("--stretched", "1", "--stretched-ttl", "600"), ("--connections", "100"))
    )
    for one, other, full in zip(
        *(each["simulations"] for each in (plain, stretched, crowded)), strict=True
    ):
        assert one["p99"] < 360 < other["p99"]
        assert full["never_back"] == 100


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("simulate", "--outage", "blind"), r"--outage blind: not a kind that is simulated"),
        (("simulate", "--env", "all"), r"'all' is not an environment"),
        (("sweep", "--set", "ttl=10"), r"--set .*ttl"),
        (("sweep", "--devices", "10", "--cluster", ""), r"--cluster '': not an address"),
        (("sweep", "--out", "docs"), r"--out docs: is a folder; expected a file"),
        (("sweep", "--out", "README.md/x.svg"), r"--out README.md: is not a folder"),
    ],
)
def test_a_fleet_that_cannot_be_simulated_is_refused_in_a_sentence(
    arguments: tuple[str, ...], message: str
) -> None:
    done = iot_dr_here("drill", *arguments)
    assert done.returncode == 2
    assert re.search(message, done.stderr), done.stderr
