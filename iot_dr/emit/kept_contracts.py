"""Writes the contracts of all modules anew, as those of the newest version: `make contracts`.

To be run when a version is released, and before that never: what changed since is measured by them.
"""

from iot_dr.common.whole_file import whole_file
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.changelog import current_version, releases
from iot_dr.emit.contract.released import CONTRACTS, Released, released_json
from iot_dr.emit.synthesis import synthesized


def keep() -> None:
    """Write each contract into its file below `iot_dr/emit/contracts`."""
    version = current_version(releases())
    for module in synthesized(list(CATALOGUE.values())):
        made = Released(version=version, contract=module.contract)
        with whole_file(CONTRACTS / f"{module.blueprint.name}.json") as file:
            file.write(released_json(made).encode())


if __name__ == "__main__":
    keep()
