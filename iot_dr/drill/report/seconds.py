"""Text of durations and percentages."""


def duration(seconds: float | None, nothing: str = "-") -> str:
    """Return seconds as text: `8.4 s` below ten, `1,284 s` above; `nothing` for None."""
    if seconds is None:
        return nothing
    return f"{seconds:,.0f} s" if abs(seconds) >= 9.95 else f"{seconds:.1f} s"  # noqa: PLR2004 - two digits


def percent(deviation: float | None) -> str:
    """Return a deviation as text with its sign; `-` for None."""
    # Adding 0.0 turns -0.0 into 0.0.
    return "-" if deviation is None else f"{round(deviation, 1) + 0.0:+.1f} %"
