"""Finds the stack that a `terraform_remote_state` data source reads."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from iot_dr.terraform_json.json_value import Json, text
from iot_dr.terraform_json.stack_resources import StackResources, StateRead

# The argument that names one state: `key` in s3 and azurerm, `prefix` in gcs, `path` in local
# (developer.hashicorp.com/terraform/language/backend, a page for each).
_KEYS = ("key", "prefix", "path")

_State = tuple[str, str, str]


class HandOvers:
    """Stacks by the location of their state."""

    def __init__(self, stacks: Sequence[StackResources]) -> None:
        self._by_state: defaultdict[_State, list[int]] = defaultdict(list)
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        for number, stack in enumerate(stacks):
            self._by_name[stack.name].append(number)
            if stack.backend is not None:
                self._by_state[_state(*stack.backend)].append(number)

    def stack(self, read: StateRead) -> int | None:
        """Return the number of the stack whose state is read, None if unknown or not in the set.

        The stack with the same backend, else the one whose name is the base name of the state's
        key: a plan does not contain the backend, and a copy of a state has its key in another
        bucket.
        """
        key = state_key(read.config)
        if not key:
            return None
        for candidates in (
            self._by_state.get(_state(read.backend, read.config), ()),
            self._by_name.get(PurePosixPath(key).stem, ()),
        ):
            if len(candidates) == 1:
                return candidates[0]
        return None


def state_key(config: Mapping[str, Json]) -> str:
    """Return the argument that names a state in its backend; empty if there is none."""
    return next(filter(None, (text(config.get(each)) for each in _KEYS)), "")


def _state(kind: str, config: Mapping[str, Json]) -> _State:
    return kind, text(config.get("bucket")), state_key(config)
