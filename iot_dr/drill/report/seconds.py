"""Seconds in words."""


def told(seconds: float | None, nothing: str = "-") -> str:
    """Write seconds as people read them: `8.4 s` below ten, `1,284 s` above."""
    if seconds is None:
        return nothing
    return f"{seconds:,.0f} s" if abs(seconds) >= 9.95 else f"{seconds:.1f} s"  # noqa: PLR2004 - two digits


def percent(deviation: float | None) -> str:
    """Write a deviation with its sign."""
    # A zero has no sign of its own: `-0.0` would look like something.
    return "-" if deviation is None else f"{round(deviation, 1) + 0.0:+.1f} %"
