"""Chart of a sweep."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from iot_dr.drill.simulate.grid import Value
from iot_dr.drill.simulate.sweep import Combination

_MOST: Final = 40
_WIDTH: Final = 9.0
_ROW: Final = 0.28
_FRAME: Final = 1.9

# Okabe and Ito's colours, distinguishable with any colour vision; markers also differ in shape.
_BLUE: Final = "#0072B2"
_ORANGE: Final = "#E69F00"
_RED: Final = "#D55E00"
_GREY: Final = "#999999"


def chart(swept: Sequence[Combination], now: Mapping[str, Value], target: int, title: str) -> bytes:
    """Return an SVG with a row per combination, fastest first, with p50, p99 and the target.

    It shows the best forty and the current settings.
    """
    ordered = sorted(swept, key=lambda each: each.worse.p99)
    shown = [each for n, each in enumerate(ordered) if n < _MOST or each.values == now]
    figure = Figure(figsize=(_WIDTH, _FRAME + _ROW * len(shown)), layout="constrained")
    axes = figure.subplots()
    _rows(axes, shown)
    axes.axvline(target, color=_RED, linestyle="--", label=f"target {target} s (recovery.rto)")
    labels = [_label(each.values, now) for each in shown]
    axes.set_yticks(range(len(shown)), labels, fontsize=8, family="monospace")
    for label, combination in zip(axes.get_yticklabels(), shown, strict=True):
        label.set_fontweight("bold" if combination.values == now else "normal")
    axes.set(ylim=(len(shown) - 0.4, -0.6), xlabel="seconds after the outage")
    axes.set_xlim(left=0)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    left_out = len(ordered) - len(shown)
    note = f"; {left_out} slower ones not shown" if left_out else ""
    axes.set_title(f"{title}{note}", fontsize=10, loc="left")
    figure.legend(loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    return _svg(figure)


def _rows(axes: Axes, shown: Sequence[Combination]) -> None:
    p50, p99 = [each.worse.p50 for each in shown], [each.worse.p99 for each in shown]
    rows = range(len(shown))
    axes.hlines(rows, p50, p99, color=_GREY, linewidth=1.2)
    axes.scatter(p50, rows, s=28, marker="o", color=_BLUE, label="p50: half are back", zorder=3)
    axes.scatter(p99, rows, s=28, marker="D", color=_ORANGE, label="p99: 99 % are back", zorder=3)


def _label(values: Mapping[str, Value], now: Mapping[str, Value]) -> str:
    label = "  ".join(f"{key.rsplit('.')[-1]} {value}" for key, value in values.items())
    return f"now: {label}" if values == now else label


def _svg(figure: Figure) -> bytes:
    """Return a reproducible SVG, with text as text."""
    written = BytesIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "iot-dr"}):
        figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()
