"""An official AWS provider in a mirror on this machine."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MIRROR_VARIABLE: Final = "IOT_DR_AWS_MIRROR"
"""Names a folder that holds a mirror of providers."""

HOW_TO_POINT_AT_ONE: Final = (
    f"no mirror with an official hashicorp/aws 5.x or 6.x was found: set {MIRROR_VARIABLE} to the"
    " folder of one (`terraform providers mirror FOLDER` makes it), or TF_CLI_CONFIG_FILE to a"
    " configuration that names a filesystem_mirror"
)

_MIRROR_BLOCK = re.compile(r'filesystem_mirror\s*\{[^}]*?\bpath\s*=\s*"([^"]+)"')
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
        """A configuration of Terraform's command line that knows this mirror alone."""
        block = f'  filesystem_mirror {{\n    path = "{self.mirror}"\n  }}\n'
        return f"disable_checkpoint = true\nprovider_installation {{\n{block}}}\n"


def found(variables: Mapping[str, str]) -> OfficialProvider | None:
    """Give the newest provider of the mirrors that the variables or Terraform's habits name."""
    providers = [
        OfficialProvider(mirror, version[1])
        for mirror in _mirrors(variables)
        for pattern in (_UNPACKED, _PACKED)
        for path in mirror.glob(pattern)
        if (version := _VERSION.search(str(path.relative_to(mirror))))
    ]
    return max(providers, key=lambda provider: _number(provider.version), default=None)


def _mirrors(variables: Mapping[str, str]) -> Iterator[Path]:
    if named := variables.get(MIRROR_VARIABLE):
        yield Path(named)
    configuration = Path(variables.get("TF_CLI_CONFIG_FILE") or os.devnull)
    if configuration.is_file():
        yield from map(Path, _MIRROR_BLOCK.findall(configuration.read_text(encoding="utf-8")))
    # developer.hashicorp.com/terraform/cli/config/config-file, "Implied Local Mirror Directories"
    home = Path(variables.get("HOME") or os.devnull)
    data = variables.get("XDG_DATA_HOME") or home / ".local" / "share"
    yield home / ".terraform.d" / "plugins"
    yield Path(data, "terraform", "plugins")
    yield Path("/usr/local/share/terraform/plugins")
    yield Path("/usr/share/terraform/plugins")


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
