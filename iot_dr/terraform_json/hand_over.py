"""Which stack of a set a `terraform_remote_state` reads."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from iot_dr.terraform_json.json_value import Json, text
from iot_dr.terraform_json.stack_resources import StackResources, StateRead

# What names one state in a backend, by the backends' own pages: s3 and azurerm have `key`,
# gcs `prefix`, local `path`.
_KEYS = ("key", "prefix", "path")

_State = tuple[str, str, str]


class HandOvers:
    """The stacks of a set by their states."""

    def __init__(self, stacks: Sequence[StackResources]) -> None:
        self._by_state: defaultdict[_State, list[int]] = defaultdict(list)
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        for number, stack in enumerate(stacks):
            self._by_name[stack.name].append(number)
            if stack.backend is not None:
                self._by_state[_state(*stack.backend)].append(number)

    def stack(self, read: StateRead) -> int | None:
        """Find the stack whose state is read; None where it is not in the set, or not told.

        It is the one whose backend is the same. Else it is the one that the state's key names, as
        ours do: a plan tells no backend, and a copy of a state has its key in another bucket.
        """
        key = state_key(read.config)
        if not key:
            return None
        for found in (
            self._by_state.get(_state(read.backend, read.config), ()),
            self._by_name.get(PurePosixPath(key).stem, ()),
        ):
            if len(found) == 1:
                return found[0]
        return None


def state_key(config: Mapping[str, Json]) -> str:
    """Give what names a state in its backend; empty where nothing does."""
    return next(filter(None, (text(config.get(each)) for each in _KEYS)), "")


def _state(kind: str, config: Mapping[str, Json]) -> _State:
    return kind, text(config.get("bucket")), state_key(config)
