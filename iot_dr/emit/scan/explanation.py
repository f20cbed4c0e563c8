"""Why a finding stays as it is."""

from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from iot_dr.emit.scan.finding import Finding

EXPLAINED: Final = Path(__file__).with_name("explained.yaml")
"""The file of all explanations."""


class Explanation(BaseModel):
    """The reason why a check may fail in some places: `MODULE/TYPE.NAME`, with `*` for any text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: Annotated[str, Field(pattern=r"^CKV2?_[A-Z]+_\d+$")]
    where: Annotated[tuple[Annotated[str, Field(pattern=r"^\S+/\S+$")], ...], Field(min_length=1)]
    reason: Annotated[str, Field(pattern=r"^[A-Z].*\.$")]

    def covers(self, finding: Finding, where: str) -> bool:
        """Tell whether a finding is one of this check in one of the places."""
        return finding.check == self.check and fnmatchcase(finding.where, where)


def _in_order(explanations: tuple[Explanation, ...]) -> tuple[Explanation, ...]:
    for one, other in pairwise(explanations):
        if (one.check, one.where) >= (other.check, other.where):
            message = f"{other.check} {other.where[0]} stands below {one.check} {one.where[0]}"
            raise ValueError(f"{message}; sort by check and place, each once")
    return explanations


_EXPLANATIONS: Final = TypeAdapter(Annotated[tuple[Explanation, ...], AfterValidator(_in_order)])


def explanations(path: Path = EXPLAINED) -> tuple[Explanation, ...]:
    """Read the explanations, sorted by check; raises ValueError for what are none."""
    data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    return _EXPLANATIONS.validate_python(data)
