"""The bits slider: the 32 bits of a float32, where it lies, and how far its neighbors are."""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyad.explore.bits_model import (
    BIAS,
    FRACTION_BITS,
    LAST_EXPONENT,
    LAST_FRACTION,
    LOWEST_POWER,
    SIGNS,
    Float32,
    fields_of,
)
from tinyad.explore.explorer import Explorer, Fact, FigureScene, Settings, StepSlider
from tinyad.explore.style import COLORS, SMALL, style
from tinyad.explore.view import Dots, Line, Mark, Picture, Words

# The three fields: name, first bit, color.
FIELDS = (
    ("sign", 0, COLORS["black"]),
    ("exponent, 8 bits", 1, COLORS["orange"]),
    ("fraction, 23 bits", 9, COLORS["blue"]),
)
ENDS = (1, 9, 32)
HERE = COLORS["purple"]
REACH = 6.4  # gaps to each side on the number line
NEIGHBORS = range(-13, 14)  # below a power of two, the gaps are half as wide
LOWEST, HIGHEST = LOWEST_POWER - FRACTION_BITS, BIAS + 1
KINDS = {
    "normal": "an ordinary number; the 1 in front of the fraction is not stored",
    "subnormal": "subnormal: no 1 in front, and the gaps get no smaller",
    "zero": "zero; all bits but the sign are 0",
    "infinity": "infinity: exponent all ones, fraction 0",
    "NaN": "NaN, not a number: exponent all ones, fraction not 0",
}


def float_bits(x: Any = 1.0) -> Explorer:
    """Return a widget that shows a float32 bit by bit, beginning with the one next to x.

    Its controls are `sign` ("+" or "-"), `exponent` (0 to 255) and `fraction` (0 to 2²³ − 1, one
    float further with each arrow key). Above, the bits: a filled dot is a 1. In the middle, where
    the number lies among all of them. Below, its neighbors, in units of its last place; everything
    in the green band is stored as this number.

    Raises ArgumentError unless x is one real number.

    >>> slider = float_bits(2.0)
    >>> slider.set(fraction=1)
    >>> print(slider.readout)
    bits        0 10000000 00000000000000000000001
    number      +(1 + 1/2^23) × 2^1 = 2.000000238418579
    neighbors   2.0 and 2.0000005
    gap         2.4e-07 = 2^-22; divided by the number, 1.2e-07
                an ordinary number; the 1 in front of the fraction is not stored
    """
    sign, exponent, fraction = fields_of(x)
    controls = {
        "sign": widgets.Dropdown(
            options=SIGNS,
            value=sign,
            description="sign",
            tooltip="the first bit",
            layout=widgets.Layout(width="100px"),
            style={"description_width": "35px"},
        ),
        "exponent": _slider("exponent", exponent, LAST_EXPONENT, "280px"),
        "fraction": _slider("fraction", fraction, LAST_FRACTION, "330px"),
    }
    return Explorer(BitsScene(None), controls)


class FieldSlider(StepSlider):
    """A slider over the whole numbers that a field can hold."""

    noun = "field"


def _slider(name: str, value: int, last: int, width: str) -> FieldSlider:
    return FieldSlider(
        value=value,
        max=last,
        description=name,
        tooltip=f"the {name} as a whole number; an arrow key changes it by 1",
        layout=widgets.Layout(width=width),
        style={"description_width": "70px"},
    )


class BitsScene(FigureScene):
    """What the bits slider shows at each setting."""

    plain = "The bits of a float32: sliders for its fields; run the cell to move them."
    alt = (
        "Above, 32 dots for the bits of a float32, filled for 1, in three fields. In the middle, "
        "its place on a logarithmic line from 2^-149 to 2^128. Below, its neighbors as dots, in "
        "units of its last place, and the band of numbers that are rounded to it."
    )

    def key(self, settings: Settings) -> object:
        """Nothing but the marks depends on the settings."""
        return None

    def picture(self, settings: Settings) -> Picture:
        """Draw the names of the fields, and both lines."""
        with style():
            figure = Figure(figsize=(7.4, 3.5), layout="constrained")
            sizes = {"height_ratios": [1.1, 0.5, 0.9]}
            rows = figure.subplots(3, gridspec_kw=sizes)
            axes = dict(zip(("bits", "range", "line"), rows, strict=True))
            self._draw_bits(axes["bits"])
            self._draw_range(axes["range"])
            self._draw_line(axes["line"])
        return Picture(figure, axes)

    def _draw_bits(self, axes: Axes) -> None:
        for (name, first, color), end in zip(FIELDS, ENDS, strict=True):
            axes.plot([first - 0.35, end - 0.65], [0.5, 0.5], color=color, linewidth=2)
            left, side = (end - 0.65, "right") if first == 0 else (first - 0.35, "left")
            axes.text(left, 0.7, name, color=color, fontsize=SMALL, horizontalalignment=side)
        axes.set(xlim=(-1.0, 31.8), ylim=(-0.7, 1.3))
        axes.axis("off")

    def _draw_range(self, axes: Axes) -> None:
        axes.axvspan(LOWEST, LOWEST_POWER, color=COLORS["gray"], alpha=0.35, linewidth=0)
        places = (LOWEST, LOWEST_POWER, -63, 0, 64, HIGHEST)
        names = ["2⁻¹⁴⁹", "2⁻¹²⁶", "10⁻¹⁹", "1", "10¹⁹", "2¹²⁸"]
        axes.set_xticks(places, names)
        axes.set(xlim=(LOWEST - 6, HIGHEST + 6), ylim=(-1, 1), yticks=[])
        axes.set_title("its size, among all; subnormal numbers in the gray part", fontsize=SMALL)

    def _draw_line(self, axes: Axes) -> None:
        axes.axhline(0, color=COLORS["gray"], linewidth=1)
        axes.set(xlim=(-REACH, REACH), ylim=(-1, 1), yticks=[], xticks=range(-6, 7))
        axes.set_title("its neighbors, in gaps; the green band is rounded to it", fontsize=SMALL)

    def marks(self, settings: Settings) -> list[Mark]:
        """Place the bits, the size and the neighbors."""
        number = _number(settings)
        return [*self._bits(number), *self._size(number), *self._neighbors(number)]

    def _bits(self, number: Float32) -> list[Mark]:
        marks: list[Mark] = []
        for (_, first, color), end in zip(FIELDS, ENDS, strict=True):
            for digit, ring in (("0", True), ("1", False)):
                places = [k for k in range(first, end) if number.bits[k] == digit]
                marks.append(Dots("bits", places, [0] * len(places), color, 11.0, ring))
        return marks

    def _size(self, number: Float32) -> list[Mark]:
        if number.kind == "NaN":
            return [Words("range", 0.5, 0.35, "no place: it is not a number", anchor="middle")]
        if number.kind == "zero":
            return [Words("range", 0.0, 0.35, "←  0 is further left than any power of 2")]
        if number.kind == "infinity":
            return [Words("range", 1.0, 0.35, "further right than any number  →", anchor="end")]
        place = math.log2(abs(number.value))
        return [Dots("range", [place], [0], HERE, 11.0)]

    def _neighbors(self, number: Float32) -> list[Mark]:
        if not math.isfinite(number.value):
            return [Words("line", 0.5, 0.7, "no neighbors", anchor="middle")]
        places = [(number.neighbor(k) - number.value) / number.gap for k in NEIGHBORS]
        here = NEIGHBORS.index(0)
        # Above the largest number the band ends where the next float would be nearer.
        ends = [
            place / 2 if math.isfinite(place) else math.copysign(0.5, side)
            for place, side in ((places[here - 1], -1), (places[here + 1], 1))
        ]
        others = places[:here] + places[here + 1 :]
        return [
            Line("line", ends, [0, 0], COLORS["green"], 4.0),
            Dots("line", others, [0] * len(others), COLORS["blue"], 9.0),
            Dots("line", [0], [0], HERE, 12.0),
        ]

    def facts(self, settings: Settings) -> list[Fact]:
        """Return the bits, the number they stand for, its neighbors and its gap."""
        number = _number(settings)
        bits, value = number.bits, number.value
        power = max(number.exponent, 1) - BIAS
        lead = 0 if number.exponent == 0 else 1
        formula = f"{number.sign}({lead} + {number.fraction}/2^23) × 2^{power} = {value}"
        share = f"; divided by the number, {number.gap / abs(value):.1e}" if value else ""
        gap = f"{number.gap:.1e} = 2^{power - FRACTION_BITS}{share}"
        if not math.isfinite(value):
            formula, gap = str(value), "none"
        return [
            Fact("bits", f"{bits[:1]} {bits[1:9]} {bits[9:]}"),
            Fact("number", formula),
            Fact("neighbors", _pair(number)),
            Fact("gap", gap),
            Fact("", KINDS[number.kind]),
        ]


def _number(settings: Settings) -> Float32:
    return Float32(settings["sign"], settings["exponent"], settings["fraction"])


def _pair(number: Float32) -> str:
    """Write the floats on both sides, in as few digits as tell them apart."""
    if not math.isfinite(number.value):
        return "none"
    below, above = (number.neighbor(steps) for steps in (-1, 1))
    low, high = (
        str(np.float32(x)) if math.isfinite(x) else f"{sign}infinity"
        for x, sign in ((below, "-"), (above, ""))
    )
    return f"{low} and {high}"
