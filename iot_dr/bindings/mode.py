"""The environment variable that turns the fast start off."""

import os
import sys

VARIABLE = "IOT_DR_BINDINGS"


def is_stock() -> bool:
    """Whether IOT_DR_BINDINGS is `stock`: unchanged bindings.

    Exits with status 2 if the value is unknown.
    """
    value = os.environ.get(VARIABLE) or "fast"
    if value not in {"fast", "stock"}:
        sys.stderr.write(
            f"error: {VARIABLE}={value!r} is not known; set it to 'fast' or 'stock', or unset it\n"
        )
        raise SystemExit(2)
    return value == "stock"
