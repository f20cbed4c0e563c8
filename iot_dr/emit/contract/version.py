"""A semantic version, and the step from one to the next."""

import re
from typing import Final, Literal, NamedTuple, Self

Kind = Literal["major", "minor", "patch"]
"""How much a version says has changed: https://semver.org/spec/v2.0.0.html."""

KINDS: Final[tuple[Kind, ...]] = ("major", "minor", "patch")
"""From the one that says most to the one that says least."""

_FORM: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)


class Version(NamedTuple):
    """A version that was or will be released, so without a label such as `-rc.1`."""

    major: int
    minor: int
    patch: int

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a version; raises ValueError for what is none, such as `v1.0` or `1.0.0-rc.1`."""
        found = _FORM.fullmatch(text)
        if found is None:
            message = f"{text!r} is no version; write MAJOR.MINOR.PATCH, such as 1.0.0"
            raise ValueError(message)
        return cls(*map(int, found.groups()))

    def step_to(self, later: "Version") -> Kind | None:
        """Tell by the first number that differs what the step is; None when it leads nowhere."""
        if later <= self:
            return None
        return next(kind for kind, old, new in zip(KINDS, self, later, strict=True) if old != new)

    def after(self, kind: Kind) -> "Version":
        """Return the next version for a change of this kind."""
        at = KINDS.index(kind)
        return Version._make((*self[:at], self[at] + 1, 0, 0)[: len(KINDS)])

    def __str__(self) -> str:
        return ".".join(map(str, self))
