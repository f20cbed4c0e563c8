"""An official AWS provider in a mirror on this machine."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MIRROR_VARIABLE: Final = "IOT_DR_AWS_MIRROR"
"""The folder of a provider mirror."""

FOLDERS: Final = (
    *(Path("/opt"), Path("/srv"), Path("/usr/lib"), Path("/usr/local"), Path("/usr/local/lib")),
    *(Path("/usr/local/share"), Path("/usr/share"), Path("/var/cache"), Path("/var/lib")),
)
"""Folders in which machines keep installed files outside packages, such as provider mirrors."""

HOW_TO_POINT_AT_ONE: Final = (
    "no mirror with an official hashicorp/aws 5.x or 6.x was found where Terraform looks for one,"
    f" nor two folders deep in {', '.join(map(str, FOLDERS))}: set {MIRROR_VARIABLE} to the folder"
    " of one (`terraform providers mirror FOLDER` makes it)"
)

_MIRROR_PATH = re.compile(
    r'(?:filesystem_mirror\s*\{[^}]*?\bpath|\bplugin_cache_dir)\s*=\s*"([^"]+)"'
)
_UNPACKED = "*/hashicorp/aws/*/*/terraform-provider-aws*"
_PACKED = "*/hashicorp/aws/terraform-provider-aws_*.zip"
_VERSION = re.compile(r"(?:aws/|aws_)([56]\.\d+\.\d+)[/_]")


@dataclass(frozen=True, slots=True)
class OfficialProvider:
    """The provider of one version, in a mirror."""

    mirror: Path
    version: str

    @property
    def configuration(self) -> str:
        """A CLI configuration of Terraform that contains only this mirror."""
        block = f'  filesystem_mirror {{\n    path = "{self.mirror}"\n  }}\n'
        return f"disable_checkpoint = true\nprovider_installation {{\n{block}}}\n"


def newest_provider(
    variables: Mapping[str, str], folders: Iterable[Path] = FOLDERS
) -> OfficialProvider | None:
    """Return the newest provider in the mirrors that Terraform knows, or that are in folders."""
    providers = [
        OfficialProvider(mirror, version[1])
        for mirror in _mirrors(variables, folders)
        for pattern in (_UNPACKED, _PACKED)
        for path in mirror.glob(pattern)
        if (version := _VERSION.search(str(path.relative_to(mirror))))
    ]
    return max(providers, key=lambda provider: _number(provider.version), default=None)


def _mirrors(variables: Mapping[str, str], folders: Iterable[Path]) -> Iterator[Path]:
    if named := variables.get(MIRROR_VARIABLE):
        yield Path(named)
    if cache := variables.get("TF_PLUGIN_CACHE_DIR"):
        yield Path(cache)
    home = Path(variables.get("HOME") or os.devnull)
    configuration = Path(variables.get("TF_CLI_CONFIG_FILE") or home / ".terraformrc")
    if configuration.is_file():
        yield from map(Path, _MIRROR_PATH.findall(configuration.read_text(encoding="utf-8")))
    # developer.hashicorp.com/terraform/cli/config/config-file, "Implied Local Mirror Directories"
    data = variables.get("XDG_DATA_HOME") or home / ".local" / "share"
    yield home / ".terraform.d" / "plugins"
    yield Path(data, "terraform", "plugins")
    for folder in folders:
        yield folder
        yield from folder.glob("*")
        yield from folder.glob("*/*")


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
