"""The dual-number slider: a value with its tangent, before and after a function, as arrows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from matplotlib.figure import Figure

from tinyad.explore.dual_model import REACH, TANGENTS, DualModel
from tinyad.explore.explorer import Explorer, Fact, FigureScene, NumberSlider, Settings
from tinyad.explore.style import COLORS, style
from tinyad.explore.view import Arrow, Dots, Line, Mark, Picture, Words

INPUT, ON_CURVE, OUTPUT = COLORS["blue"], COLORS["orange"], COLORS["green"]
RAIL = 0.06  # how far the arrows of the input and the output stand from the curve, of its window


def dual_number(f: Callable[[Any], Any], x: Any) -> Explorer:
    """Return a widget that shows what f does to a dual number x + ẋε.

    Its controls are `x`, which starts at the given number and moves up to 2.5 to each side, and
    `tangent`, the seed ẋ, from −2 to 2. Below the curve lies the input: a dot at its value, an
    arrow as long as its tangent. To the left of the curve stands the output, drawn alike, and on
    the curve lies the arrow (ẋ, ẏ), which points along the tangent line.

    Raises ArgumentError or OutputError unless f is a function of one number, smooth at x.

    >>> slider = dual_number(lambda x: x**2 * 4 + 4 + 2, 3)
    >>> slider.set(tangent=0.5)
    >>> print(slider.readout)
    input       3.0 + 0.5 ε
    output      42.0 + 12.0 ε
    slope       ẏ / ẋ = 24.0
    the tip     is at 54, the curve there at 55: the arrow is no step along the curve
    """
    model = DualModel(f, x)
    place = NumberSlider(
        model.positions,
        float(model.positions[len(model.positions) // 2]),
        description="x",
        tooltip="the value of the input",
        layout=widgets.Layout(width="370px"),
        style={"description_width": "20px"},
    )
    place.move(model.x)
    tangent = NumberSlider(
        TANGENTS,
        1.0,
        description="tangent ẋ",
        tooltip="the tangent of the input, its seed",
        layout=widgets.Layout(width="320px"),
        style={"description_width": "70px"},
    )
    return Explorer(DualScene(model), {"x": place, "tangent": tangent})


class DualScene(FigureScene):
    """What the dual-number slider shows at each setting."""

    plain = "Dual numbers: sliders for a value and its tangent; run the cell to move them."
    alt = (
        "A curve. Below it the input, a dot with an arrow as long as its tangent; left of it the "
        "output, drawn alike; on the curve the arrow from one point along the tangent line."
    )

    model: DualModel

    def key(self, settings: Settings) -> object:
        """The curve never changes."""
        return "curve"

    def picture(self, settings: Settings) -> Picture:
        """Draw the curve, and beside it the two rails on which input and output move."""
        model = self.model
        with style():
            figure = Figure(figsize=(7.4, 4.0), layout="constrained")
            axes = figure.subplots()
            axes.plot(model.places, model.heights, color=COLORS["black"], label="f")
            for color, name in (
                (INPUT, "input x + ẋε"),
                (ON_CURVE, "along the tangent line"),
                (OUTPUT, "output y + ẏε"),
            ):
                axes.plot([], [], color=color, linewidth=3, label=name)
            (left, right), (bottom, top) = self._limits()
            axes.set(xlim=(left, right), ylim=(bottom, top), xlabel="x", ylabel="y = f(x)")
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.3)
        return Picture(figure, {"plane": axes})

    def _limits(self) -> tuple[tuple[float, float], tuple[float, float]]:
        model = self.model
        across, up = 2 * REACH, model.high - model.low
        return (
            (model.x - REACH - 2 * RAIL * across, model.x + REACH),
            (model.low - 2 * RAIL * up, model.high),
        )

    def marks(self, settings: Settings) -> list[Mark]:
        """Place the input, the output and the arrow on the curve."""
        x, tangent = settings["x"], settings["tangent"]
        image = self.model.image(x, tangent)
        (left, _), (bottom, _) = self._limits()
        rail = left + RAIL * 2 * REACH, bottom + RAIL * (self.model.high - self.model.low)
        marks: list[Mark] = [
            Arrow("plane", [x, x + tangent], [rail[1], rail[1]], INPUT),
            Dots("plane", [x], [rail[1]], INPUT),
        ]
        if image.note:
            return [*marks, Words("plane", 0.5, 0.5, image.note, anchor="middle")]
        y, tip = image.value, image.value + image.tangent
        guide = COLORS["gray"], 1.0, (3.0, 3.0)
        return [
            Line("plane", [x, x, rail[0]], [rail[1], y, y], *guide),
            Line("plane", [x + tangent] * 2 + [rail[0]], [rail[1], tip, tip], *guide),
            *marks,
            Arrow("plane", [rail[0], rail[0]], [y, tip], OUTPUT),
            Dots("plane", [rail[0]], [y], OUTPUT),
            Arrow("plane", [x, x + tangent], [y, tip], ON_CURVE),
            Dots("plane", [x], [y], ON_CURVE),
        ]

    def facts(self, settings: Settings) -> list[Fact]:
        """Return input and output as dual numbers, the slope, and where the arrow ends."""
        x, tangent = settings["x"], settings["tangent"]
        image = self.model.image(x, tangent)
        given = Fact("input", _dual(x, tangent))
        if image.note:
            return [given, Fact("output", image.note), Fact("", ""), Fact("", "")]
        return [
            given,
            Fact("output", _dual(image.value, image.tangent)),
            Fact("slope", f"ẏ / ẋ = {image.tangent / tangent}" if tangent else "ẋ is 0: no slope"),
            Fact("the tip", self._tip(image.value + image.tangent, image.ahead)),
        ]

    def _tip(self, tip: float, ahead: float) -> str:
        if math.isnan(ahead):
            return f"is at {tip:.6g}, where the curve has no point"
        relation = "the arrow is no step along the curve"
        if math.isclose(tip, ahead, rel_tol=1e-9, abs_tol=1e-9):
            relation = "the curve is there, too"
        return f"is at {tip:.6g}, the curve there at {ahead:.6g}: {relation}"


def _dual(value: float, tangent: float) -> str:
    """Write a dual number.

    >>> _dual(3.0, -0.5)
    '3.0 − 0.5 ε'
    """
    return f"{value} {'−' if tangent < 0 else '+'} {abs(tangent)} ε"
