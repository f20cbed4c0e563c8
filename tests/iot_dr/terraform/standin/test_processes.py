import json
import os
import subprocess
import sys
import threading

import pytest

from iot_dr.terraform.engine import Engine
from iot_dr.terraform.standin.cache import CACHE_VARIABLE, SchemaCache
from iot_dr.terraform.standin.daemon import Daemon
from iot_dr.terraform.standin.mirror import standin_environment
from tests.iot_dr.terraform.project import Project

ZONE = {"aws_route53_zone": {"z": {"name": "example.com"}}}


def test_the_plugin_says_who_should_start_it() -> None:
    command = [sys.executable, "-I", "-m", "iot_dr.terraform.standin"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr == "This is a Terraform provider: Terraform starts it, not a person.\n"


def test_the_launcher_alone_says_that_iot_dr_is_missing(cache: SchemaCache) -> None:
    standin_environment(cache)
    launcher, *_ = cache.folder.rglob("terraform-provider-aws")
    ran = subprocess.run([launcher], capture_output=True, text=True, check=False, env={})
    assert ran.returncode != 0
    assert "started by iot-dr only" in ran.stderr


def test_one_daemon_keeps_terraform_runs_apart(
    cache: SchemaCache, daemon: Daemon, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = {**standin_environment(cache), **daemon.environment}
    made: dict[str, str] = {}

    def run(account: str) -> None:
        folder = tmp_path_factory.mktemp("run") / "stack"
        project = Project(folder, cache.version, settings, Engine.chosen({}))
        project.write({"aws_iot_policy": {"p": {"name": "p", "policy": "{}"}}}, account=account)
        made[account] = project.apply()["aws_iot_policy.p"]["arn"]

    accounts = ("111111111111", "222222222222")
    threads = [threading.Thread(target=run, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == {a: f"arn:aws:iot:eu-west-1:{a}:policy/p" for a in accounts}


_SHUT_DOWN = """
import os, sys, grpc
from grpc import _channel  # else imported later, from files that are this user's
os.setuid(int(sys.argv[2]))
method = grpc.insecure_channel(sys.argv[1]).unary_unary(sys.argv[3])
try:
    method(b"", timeout=30)
except grpc.RpcError as error:
    sys.exit(error.code().name)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as somebody else")
@pytest.mark.parametrize(
    "method", ["/plugin.GRPCController/Shutdown", "/tfplugin5.Provider/GetSchema"]
)
def test_a_daemon_serves_nobody_but_its_own_user(daemon: Daemon, method: str) -> None:
    (reattach_entry,) = json.loads(daemon.environment["TF_REATTACH_PROVIDERS"]).values()

    def ask(user: int) -> str:
        command = [
            sys.executable,
            "-c",
            _SHUT_DOWN,
            reattach_entry["Addr"]["String"],
            str(user),
            method,
        ]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()

    assert ask(65534) == "PERMISSION_DENIED"
    if "GetSchema" in method:
        assert ask(os.getuid()) == ""


def test_a_daemon_ends_with_its_owner(cache: SchemaCache) -> None:
    with Daemon(cache) as running:
        (reattach_entry,) = json.loads(running.environment["TF_REATTACH_PROVIDERS"]).values()
        os.kill(reattach_entry["Pid"], 0)
    with pytest.raises(ProcessLookupError):
        os.kill(reattach_entry["Pid"], 0)


def test_a_daemon_whose_owner_is_gone_before_it_serves_ends_without_a_word(
    cache: SchemaCache,
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-I", "-m", "iot_dr.terraform.standin.daemon", "", "{}"],
        env={**os.environ, CACHE_VARIABLE: str(cache.folder)},
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_provider_that_is_gone_is_an_error_of_terraform(
    project: Project, cache: SchemaCache
) -> None:
    with Daemon(cache) as ended:
        settings = {**project.settings, **ended.environment}
    stranded = Project(project.folder / "inner", cache.version, settings, Engine.chosen({}))
    stranded.write(ZONE)
    assert "reattach" in stranded.errors().lower()
