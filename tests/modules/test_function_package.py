"""The zip of a function: the same bytes for the same sources, and enough to run alone."""

import base64
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from modules.function_package import function_package
from modules.inputs import InputError
from tests.environments.files import VALID, project_with
from tests.support.command import plain_environment

ROOT = Path(__file__).parents[2]
ALONE = ["canary", "watcher"]
REGISTRY = ["registry_apply", "registry_capture", "registry_reconcile"]
REGISTERS = ["watcher", "switch_publisher"]
NAMES = [*ALONE, "switch_publisher", "telemetry", *REGISTRY]
OTHERS = {"aws_lambda_powertools", "typing_extensions.py"}
PRINT = """
import sys
sys.path.insert(0, sys.argv[1])
from modules.function_package import function_package
print(function_package(sys.argv[2]).sha256)
"""
SYNTHESIZE = """
import sys
sys.modules["aws_lambda_powertools"] = None
from iot_dr.cli import main
main()
"""


def entries(name: str) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(function_package(name).path) as archive:
        assert archive.testzip() is None
        return archive.infolist()


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_the_function_and_what_it_shares_as_in_the_repository(name: str) -> None:
    names = [entry.filename for entry in entries(name)]
    assert names == sorted(set(names))
    assert all(each.endswith(".py") for each in names)
    ours = [each for each in names if each.split("/")[0] not in OTHERS]
    assert {"functions/__init__.py", "functions/probe/publisher.py"} <= set(ours)
    assert f"functions/{name}/handler.py" in ours
    packages = {"/".join(each.split("/")[:2]) for each in ours} - {"functions/__init__.py"}
    registry = ["functions/registry"] if name in REGISTRY else []
    registers = ["functions/aws_client.py", "functions/register.py"] if name in REGISTERS else []
    shared = {"functions/contract.py", "functions/probe", *registry, *registers}
    assert packages == {*shared, f"functions/{name}"}
    assert all((ROOT / each).is_file() for each in ours)


@pytest.mark.parametrize("name", NAMES)
def test_only_who_imports_powertools_has_them_along(name: str) -> None:
    result = {entry.filename.split("/")[0] for entry in entries(name)} - {"functions"}
    source = "".join(file.read_text() for file in (ROOT / "functions" / name).glob("*.py"))
    assert result == (OTHERS if "from aws_lambda_powertools" in source else set())


def test_a_package_that_is_not_installed_is_reported_with_what_to_do() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PRINT, str(ROOT), "telemetry"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == (
        "modules.function_zip.NotInstalledError: aws_lambda_powertools is not installed, and goes"
        " along with functions: run `make install`, or with emitted modules `python -m pip install"
        " -r functions/requirements.txt`"
    )


def test_the_command_says_so_without_a_traceback(tmp_path: Path) -> None:
    led = project_with(tmp_path, dev=f"{VALID}data: {{}}\n")
    done = subprocess.run(
        [sys.executable, "-c", SYNTHESIZE, "synth", "--out", str(tmp_path / "out")],
        cwd=led, env=plain_environment(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "aws_lambda_powertools is not installed, and goes along with functions: run `make install`,"
        " or with emitted modules `python -m pip install -r functions/requirements.txt`\n"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_machine_is_in_it(name: str) -> None:
    for entry in entries(name):
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.external_attr >> 16 == stat.S_IFREG | 0o644
        assert entry.compress_type == zipfile.ZIP_STORED
        assert entry.extra == b""


@pytest.mark.parametrize("name", NAMES)
def test_its_hash_is_what_lambda_compares(name: str) -> None:
    package = function_package(name)
    digest = hashlib.sha256(package.path.read_bytes()).digest()
    assert package.sha256 == base64.b64encode(digest).decode()


def test_it_is_made_once_a_process() -> None:
    assert function_package("canary") is function_package("canary")
    assert function_package("canary").path != function_package("watcher").path


@pytest.mark.parametrize("name", ["probe", "nothing", "../canary", "", "canary/"])
def test_a_name_without_a_handler_is_refused_with_those_that_have_one(name: str) -> None:
    with pytest.raises(InputError, match=r"one of canary, .*telemetry, watcher"):
        function_package(name)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy in another folder, with other times and modes, caches and an editor's leavings."""
    for room in ("functions", "modules"):
        shutil.copytree(ROOT / room, tmp_path / room, copy_function=shutil.copyfile)
    for file in (tmp_path / "functions").rglob("*.py"):
        file.chmod(0o600)
        os.utime(file, (1_000_000_000, 1_000_000_000))
    cache = tmp_path / "functions" / "canary" / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "handler.cpython-399.pyc").write_bytes(b"cache")
    (tmp_path / "functions" / "canary" / ".#handler.py").write_text("draft")
    (tmp_path / "functions" / "canary" / "notes.txt").write_text("notes")
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("seed", "umask"), [("1", 0o077), ("2", 0o000)])
def test_it_is_the_same_bytes_elsewhere(elsewhere: Path, name: str, seed: str, umask: int) -> None:
    variables = {"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        [sys.executable, "-c", PRINT, str(elsewhere), name],
        env=variables, umask=umask, cwd=elsewhere, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == function_package(name).sha256


def test_its_folder_goes_with_the_process(elsewhere: Path) -> None:
    temporary = elsewhere / "temporary"
    temporary.mkdir()
    subprocess.run(
        [sys.executable, "-c", PRINT, str(elsewhere), "canary"],
        env={"TMPDIR": str(temporary)}, check=True, capture_output=True,
    )  # fmt: skip
    assert list(temporary.iterdir()) == []


VARIABLES = {
    "canary": {
        "CANARY_HOST": "a" * 64,
        "CANARY_TOPIC": "iot-dr/dev/canary",
        "CANARY_ENVIRONMENT": "dev",
        "CANARY_INTERVAL": "30",
    },
    "watcher": {
        "WATCHER_MODE": "deep",
        "WATCHER_PRIMARY": "eu-west-1",
        "WATCHER_AWAY": "eu-west-1",
        "WATCHER_KEEPERS": "eu-central-1",
        "WATCHER_REGIONS": "eu-west-1,eu-central-1",
        "WATCHER_NAME_1": "a" * 64,
        "WATCHER_CHECK_1": "x",
        "WATCHER_NAME_2": "a" * 64,
        "WATCHER_CHECK_2": "x",
        "WATCHER_DEVICE_NAME": "a" * 64,
        "WATCHER_SWITCH": "x",
        "WATCHER_TTL": "60",
        "WATCHER_TOPIC": "iot-dr/dev/watcher",
        "WATCHER_ENVIRONMENT": "dev",
        "WATCHER_INTERVAL": "30",
        "WATCHER_THRESHOLD": "1",
    },
}
LAMBDAS_OWN = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "b",
}
# botocore represents what Lambda's runtime contains; nothing else may come from outside.
RUN = """
import json, sys, time, types
time.sleep = [].append  # between two probes, which nobody waits for here
sys.path.insert(0, sys.argv[1])
import functions.{name}.handler as handler
context = types.SimpleNamespace(get_remaining_time_in_millis=lambda: 90_000)
print("answer", json.dumps(handler.handle({{}}, context)))
assert handler.__file__.startswith(sys.argv[1])
outside = ("boto3", "modules", "stacks", "iot_dr", "environments", "pydantic", "cdktf")
print("loaded", [name for name in outside if name in sys.modules])
"""


def run_alone(
    name: str, folder: Path, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    with zipfile.ZipFile(function_package(name).path) as archive:
        archive.extractall(folder)
    return subprocess.run(
        [sys.executable, "-I", "-B", "-c", RUN.format(name=name), str(folder)],
        env={**LAMBDAS_OWN, **variables},
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("name", ALONE)
def test_unpacked_alone_it_runs_as_in_lambda_and_loads_no_more_than_it_needs(
    name: str, tmp_path: Path
) -> None:
    # A label of 64 characters cannot be looked up, and nothing is sent to find that out.
    done = run_alone(name, tmp_path, VARIABLES[name])
    assert done.returncode == 0, done.stderr
    metric, *_, answer, loaded = done.stdout.splitlines()
    assert json.loads(metric)["Outcome"] == "failed"
    document = json.loads(answer.removeprefix("answer "))
    assert (document.get("statusCode"), document.get("decision")) in {(503, None), (None, "blind")}
    assert loaded == "loaded []"


@pytest.mark.parametrize("name", ALONE)
def test_without_its_variables_it_stops_before_the_first_request_and_names_them_all(
    name: str, tmp_path: Path
) -> None:
    done = run_alone(name, tmp_path, {})
    assert done.returncode != 0
    last = done.stderr.splitlines()[-1]
    # Those with a number are asked for once it is known how many there are.
    named = [each for each in VARIABLES[name] if not each[-1].isdecimal()]
    assert all(f"{variable} is not set" in last for variable in named)
