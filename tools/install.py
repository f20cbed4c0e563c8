"""Install a lock file into a virtual environment: tools/install.py VENV LOCK [PROJECT].

`make` runs this with the machine's Python, so it imports the standard library only. uv does the
work, with pip's settings; where uv cannot, pip does. Both check the lock's hashes, and neither
compiles: Python does that at first import, for the few modules of the bindings that are used.
"""

from __future__ import annotations  # an older Python has to get as far as its error

import ast
import fcntl
import os
import re
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

UV_LOCK = Path(__file__).parents[1] / "locks" / "requirements-uv.lock"
# Absent while an installer runs: one that was cut off leaves an environment that is created again.
WHOLE = ".install-ended"
HEARTBEAT_SECONDS = 2

# What uv would read by itself, by pip's option, and what separates several values.
INDEXES = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
}
CONNECTION = {
    "cert": ("SSL_CERT_FILE", " "),
    "client-cert": ("SSL_CLIENT_CERT", " "),
    "proxy": ("ALL_PROXY", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "default-timeout": ("UV_HTTP_TIMEOUT", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
    "no-cache-dir": ("UV_NO_CACHE", " "),
}
# Any of these means that the user chose uv's indexes.
UV_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")


def main(venv: Path, lock: str, project: list[str]) -> int:
    """Install and return the exit status of the installer."""
    started = time.monotonic()
    version = ".".join(map(str, sys.version_info[:3]))
    say(f"Installing {lock} into {venv} (once), with Python {version} ...")
    venv.mkdir(exist_ok=True)
    with sole_use(venv):
        if not is_usable(venv):
            status = run([sys.executable, "-m", "venv", "--clear", str(venv)])
            if status:
                return status
        with mark_when_ended(venv):
            status = install(venv, lock, project)
    if status == 0:
        files = [path.lstat().st_size for path in venv.rglob("*") if path.is_file()]
        packages = len(list(venv.glob("lib/*/site-packages/*.dist-info")))
        seconds = time.monotonic() - started
        say(f"{venv} has {packages} packages, {sum(files) / 1e6:.0f} MB; took {seconds:.0f} s")
    return status


def install(venv: Path, lock: str, project: list[str]) -> int:
    """Install the lock, then the project in place, with uv or else with pip."""
    steps = [["--require-hashes", "--no-deps", "-r", lock]]
    steps += [["--no-build-isolation", "--no-deps", "--editable", folder] for folder in project]
    python = str(venv / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--no-compile", "--progress-bar=off"]
    uv = venv / "bin" / "uv"
    if not has_pinned_version(uv):
        run([*pip, *steps[0][:-1], str(UV_LOCK)])
    if has_pinned_version(uv):
        options = pip_options(python)
        flags = ["--no-index"] if is_true(options.get("no-index", "")) else []
        command = [str(uv), "pip", "install", "--python", python, *flags]
        environment = uv_environment(options, os.environ)
        if all(run([*command, *step], environment) == 0 for step in steps):
            shorten_paths(venv, project)
            return 0
    say("uv could not install, as said above: pip does, which takes longer")
    status = next(filter(None, (run([*pip, *step]) for step in steps)), 0)
    shorten_paths(venv, project)
    return status


def shorten_paths(venv: Path, project: list[str]) -> None:
    """Name a project's folder that is not in ASCII relative to site-packages.

    Python 3.11 reads .pth files in the locale's encoding: with LC_ALL=C it would not start.
    """
    # Without resolving links: Python finds .venv under the name that it was started by.
    for folder in (Path.cwd() / name for name in project):
        for file in venv.glob("lib/*/site-packages/*.pth"):
            if file.read_bytes().strip() == os.fsencode(folder) and not str(folder).isascii():
                relative = os.path.relpath(folder, file.parent)
                file.write_text(f"{relative}\n", encoding="utf-8")


def is_usable(venv: Path) -> bool:
    """Whether the environment has this Python's version and no installer in it was cut off."""
    config = venv / "pyvenv.cfg"
    if not ((venv / WHOLE).exists() and (venv / "bin" / "python").exists() and config.exists()):
        return False
    version = re.search(
        r"^version(?:_info)? = (\d+)\.(\d+)", config.read_text(encoding="utf-8"), re.MULTILINE
    )
    return bool(version) and tuple(map(int, version.groups())) == sys.version_info[:2]


def has_pinned_version(uv: Path) -> bool:
    """Whether uv is there, runs on this machine and has the version of its lock."""
    pinned = UV_LOCK.read_text(encoding="utf-8").split()[0].replace("==", " ")
    try:
        done = subprocess.run(  # noqa: S603 - the uv of this environment
            [uv, "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return done.stdout.split()[:2] == pinned.split()


def pip_options(python: str) -> dict[str, str]:
    """Read pip's options from its files and variables; later sections weigh more in pip too."""
    done = subprocess.run(  # noqa: S603 - the pip of this environment
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    options: dict[str, str] = {}
    for section in ("global", "install", ":env:"):
        for name, value in re.findall(rf"^{section}\.([\w-]+)=(.+)$", done.stdout, re.MULTILINE):
            options[name] = str(ast.literal_eval(value))
    return options


def uv_environment(options: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Add what pip's options mean in uv's variables; what the user set for uv stays."""
    handed = dict(CONNECTION)
    if not has_own_indexes(environment):
        handed.update(INDEXES)
    # pip looks into all indexes alike. That is unsafe without hashes only.
    added = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    for option, (variable, separator) in handed.items():
        values = options.get(option, "").split()
        if option == "find-links":
            values = [at for at in values if "://" in at or Path(at).expanduser().exists()]
        if option == "no-cache-dir":
            values = ["1"] if is_true(options.get(option, "")) else []
        if values:
            added[variable] = separator.join(values)
    bundle = environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE")
    if bundle:
        added.setdefault("SSL_CERT_FILE", bundle)
    if "UV_NATIVE_TLS" not in environment:  # its former name
        added["UV_SYSTEM_CERTS"] = "1"
    return {**added, **environment}


def has_own_indexes(environment: Mapping[str, str]) -> bool:
    """Whether uv's variables or a file of its settings name an index."""
    home = environment.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    files = [Path(environment.get("UV_CONFIG_FILE", "uv.toml")), Path(home, "uv", "uv.toml")]
    files = [file for file in (*files, Path("/etc/uv/uv.toml")) if file.is_file()]
    texts = [file.read_text(encoding="utf-8") for file in files]
    return any(environment.get(name) for name in UV_INDEXES) or any(
        re.search(r"index|find-links", text) for text in texts
    )


def is_true(value: str) -> bool:
    """Whether pip takes an option's value for yes."""
    return value.lower() in {"1", "true", "yes", "y", "on", "t"}


def run(command: list[str], environment: Mapping[str, str] | None = None) -> int:
    """Run an installer to its end; where it draws no progress of its own, say that time passes."""
    draws = environment is not None and sys.stdout.isatty()
    started = time.monotonic()
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603 - built in this file
        try:
            while True:
                try:
                    return process.wait(None if draws else HEARTBEAT_SECONDS)
                except subprocess.TimeoutExpired:
                    say(f"  ... {time.monotonic() - started:.0f} s")
        finally:
            process.kill()


@contextmanager
def sole_use(venv: Path) -> Generator[None]:
    """Wait until no other target of `make -j` installs into this environment."""
    folder = os.open(venv, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextmanager
def mark_when_ended(venv: Path) -> Generator[None]:
    """Take the mark away and put it back, unless what happens between is cut off."""
    (venv / WHOLE).unlink(missing_ok=True)
    yield
    (venv / WHOLE).touch()


def say(line: str) -> None:
    """Print a line at once, before what the installers print."""
    print(line, flush=True)  # noqa: T201 - the program's output


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older one is refused
        sys.exit("Python 3.11 or newer is needed; name one, as in: make PYTHON=python3.12 ...")
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
    except KeyboardInterrupt:
        sys.exit("\ninterrupted: the next `make` starts this install again")
