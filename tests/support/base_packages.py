"""What pip installs with iot-dr's wheel alone, without its extras."""

from importlib.metadata import distribution, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def base_packages(folder: Path) -> Path:
    """Link the installed packages that iot-dr requires into a new folder, and iot-dr's metadata."""
    folder.mkdir()
    for name in _required("iot-dr"):
        package = distribution(name)
        top = {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}
        for entry in top:
            if not entry.endswith(".pth"):
                (folder / entry).symlink_to(str(package.locate_file(entry)))
    return folder


def _required(name: str) -> set[str]:
    """Return a distribution and those that it requires, directly or not."""
    known, new = set[str](), {name}
    while new:
        known |= new
        lines = [line for each in new for line in requires(each) or ()]
        needed = [each for each in map(Requirement, lines) if _is_needed(each)]
        new = {canonicalize_name(each.name) for each in needed} - known
    return known


def _is_needed(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
