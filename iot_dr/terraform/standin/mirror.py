"""A provider mirror and CLI configuration with which `terraform init` finds the stand-in."""

import json
import platform
import shlex
import sys
from pathlib import Path

from iot_dr.bindings import engine
from iot_dr.common.terraform_binary import REGISTRIES
from iot_dr.common.whole_file import whole_file
from iot_dr.terraform.standin.cache import CACHE_VARIABLE, SchemaCache, temporary_folder

_PYTHON_VARIABLE = "IOT_DR_STANDIN_PYTHON"
# The same bytes everywhere: a lock file holds the launcher's hash, and so fits every installation.
_LAUNCHER = f"""\
#!/bin/sh
exec "${{{_PYTHON_VARIABLE}:?the stand-in provider is started by iot-dr only}}" \\
  -I -m iot_dr.terraform.standin
"""
_ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}


def standin_environment(cache: SchemaCache) -> dict[str, str]:
    """Write the mirror next to the cache; return variables that make Terraform use only it.

    If the cache's folder cannot be written, the mirror is in a temporary one.
    """
    try:
        configuration = _lay_out(cache, cache.folder)
    except OSError:
        configuration = _lay_out(cache, temporary_folder())
    return {
        "TF_CLI_CONFIG_FILE": str(configuration),
        # A plugin cache would hand the stand-in to other projects as the real provider.
        "TF_PLUGIN_CACHE_DIR": "",
        _PYTHON_VARIABLE: sys.executable,
        CACHE_VARIABLE: str(cache.folder),
        engine.VARIABLE: engine.chosen(),
    }


def _print_environment() -> None:
    for name, value in standin_environment(SchemaCache.default()).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")


def _lay_out(cache: SchemaCache, folder: Path) -> Path:
    mirror, machine = folder / "mirror", platform.machine()
    target = f"{sys.platform}_{_ARCHITECTURES.get(machine, machine)}"
    _, _, name = cache.address.partition("/")
    configuration = folder / "terraform.rc"
    for registry in REGISTRIES:
        launcher = mirror / registry / name / cache.version / target / "terraform-provider-aws"
        _keep(launcher, _LAUNCHER, 0o755)
    _keep(configuration, _configuration(mirror), 0o644)
    return configuration


def _configuration(mirror: Path) -> str:
    """Return a CLI configuration with no other source, so that `init` needs no network."""
    return (
        "disable_checkpoint = true\n"
        "provider_installation {\n"
        f"  filesystem_mirror {{\n    path = {json.dumps(str(mirror))}\n  }}\n"
        "}\n"
    )


def _keep(path: Path, text: str, mode: int) -> None:
    content = text.encode()
    if not path.is_file() or path.read_bytes() != content:
        with whole_file(path, mode) as file:
            file.write(content)


if __name__ == "__main__":
    _print_environment()
