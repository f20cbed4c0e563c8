"""The contracts that modules were released with, and whether those of now may follow.

`make contracts` runs this when a version is released, and before that never: what changed since is
measured by them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from iot_dr.common.whole_file import whole_file
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.changelog import DATA, Version, current_version, releases
from iot_dr.emit.contract import Contract
from iot_dr.emit.synthesis import synthesized
from iot_dr.terraform_json.json_file import read_json
from tests.iot_dr.emit.contract.comparison import KINDS, Kind, differences
from tests.iot_dr.emit.contract.document import as_json, contract_of, document

CONTRACTS: Final = Path(__file__).parents[1] / "contracts"
"""The folder of the released contracts, `NAME.json`.

At a release that of every module is written again, changed or not: what comes next is measured by
the step from the version that stands there.
"""


@dataclass(frozen=True, kw_only=True)
class Released:
    """A contract, and the version of all modules that it was released in."""

    version: Version
    contract: Contract


def released(name: str, folder: Path = CONTRACTS) -> Released:
    """Read the contract that a module was released with.

    Raises JsonFileError when there is none, and ValueError, KeyError or TypeError for a file that
    `released_json` did not make.
    """
    kept: Any = read_json(folder / f"{name}.json")
    return Released(version=Version.of(kept["version"]), contract=contract_of(kept["contract"]))


def released_json(made: Released) -> str:
    """Return the text of the file that `released` reads."""
    return as_json({"version": str(made.version), "contract": document(made.contract)})


def complaint(now: Contract, earlier: Released, version: Version) -> str | None:
    """Say in a sentence why the contract of now cannot be that of `version`; None when it can.

    `version` is the newest one of the changelog, the one that is out or comes out next.
    """
    if version < earlier.version:
        return (
            f"{now.name}: the newest version is {version}, but the contract is kept as that of"
            f" {earlier.version}; put the later version back on top of the changelog"
        )
    results = differences(earlier.contract, now)
    if not results:
        return None
    worst = results[0]
    step = _step(earlier.version, version)
    if step is not None and KINDS.index(step) <= KINDS.index(worst.kind):
        return None
    result = f"{version} is only a {step} one" if step else f"{version} is still the newest version"
    return (
        f"{now.name}: since {earlier.version} {worst.what}{_others(len(results) - 1)}, which is a"
        f" {worst.kind} change, but {result}; enter {_after(earlier.version, worst.kind)} in the"
        " changelog, or take the change back"
    )


def _others(number: int) -> str:
    return f" (and {number} more)" if number else ""


def _step(version: Version, later: Version) -> Kind | None:
    """Return the kind of the first number that differs; None if the version did not grow.

    After a release candidate, whatever its release may change.
    """
    if later <= version:
        return None
    numbers = enumerate(zip(version, later, strict=True))
    at = next(at for at, (old, new) in numbers if old != new)
    if at == len(KINDS):
        at = max((at for at, number in enumerate(version[:at]) if number), default=at - 1)
    return KINDS[at]


def _after(version: Version, kind: Kind) -> Version:
    """Return the next version for a change of this kind."""
    if version.is_candidate:
        return version._replace(candidate=version.candidate + 1)
    at = KINDS.index(kind)
    return Version(*(*version[:at], version[at] + 1, 0, 0)[: len(KINDS)])


def _keep() -> None:
    """Write the contract of each module as that of the newest version."""
    version = current_version(releases(DATA))
    for module in synthesized(list(CATALOGUE.values())):
        made = Released(version=version, contract=module.contract)
        with whole_file(CONTRACTS / f"{module.blueprint.name}.json") as file:
            file.write(released_json(made).encode())


if __name__ == "__main__":
    _keep()
