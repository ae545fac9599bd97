"""The plateau explorer: where the slope of (xⁿ − aⁿ)/(x − a) is twice the truth, or worse."""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyad.explore.explorer import Explorer, Fact, FigureScene, LogSlider, NumberSlider, Settings
from tinyad.explore.plateau_model import GAMMAS, PlateauModel, Reals, Sample
from tinyad.explore.style import BANDS, COLORS, style
from tinyad.explore.view import Dots, Line, Mark, Picture, Words

PLACES: Reals = np.array([0.1, 0.5, 1.0, 2.0, 3.0, math.pi, 4.0, 5.0, 8.0])
POWERS = range(2, 21)
CURVE, SECOND, LAST, GUIDE = (COLORS[name] for name in ("blue", "purple", "orange", "gray"))
NO_ERROR = 1e-16  # the height at which an error of 0 is drawn: a logarithmic axis has none for it
LOW, HIGH = 1e-17, 1e18
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def plateau(a: float = 2.0, n: int = 2) -> Explorer:
    """Return a widget that explores the slope of (xⁿ − aⁿ)/(x − a) to the right of a.

    Its controls are `a` (0.1 to 8), `n` (2 to 20) and `gamma`, which moves the point a + γ
    (10⁻¹⁷ to 1). The picture shows how far the slope that tinyad returns is off, relative to the
    truth, over γ, both axes logarithmic. In the band no digit is right, and on the line at 1 the
    slope is twice the truth. The two upright lines say below which γ rounding can hide the term of
    γ² in xⁿ, and below which the last term γⁿ.

    Raises ArgumentError where a or n are out of range.

    >>> slider = plateau(a=2, n=5)
    >>> slider.set(gamma=1e-8)
    >>> print(slider.readout)
    program     (x⁵ − 2⁵) / (x − 2) at x = 2 + 1.0e-08
    value       80.0000007105, true 80.0000008
    slope       88.946, true 80: about 1 digit is right
    γ² is lost  below γ = 6.7e-09
    γ⁵ is lost  below γ = 1.3e-03
    """
    place = NumberSlider(
        PLACES,
        2.0,
        description="a",
        tooltip="the place where numerator and denominator are both 0",
        layout=widgets.Layout(width="250px"),
        style={"description_width": "15px"},
    )
    power = widgets.SelectionSlider(
        options=tuple(POWERS),
        value=2,
        description="n",
        tooltip="the power",
        layout=widgets.Layout(width="250px"),
        style={"description_width": "15px"},
    )
    gamma = LogSlider(
        GAMMAS,
        1e-9,
        description="γ",
        tooltip="how far the point is from a",
        layout=widgets.Layout(width="290px"),
        style={"description_width": "15px"},
    )
    explorer = Explorer(PlateauScene(), {"a": place, "n": power, "gamma": gamma})
    explorer.set(a=a, n=n)
    return explorer


class PlateauScene(FigureScene):
    """What the plateau explorer shows at each setting."""

    plain = "The plateau: sliders for the place a, the power n and the point; run the cell to move."
    alt = (
        "On logarithmic axes the relative error of a slope over the distance from a. From the "
        "left it lies at 1, twice the truth, or far above, up to a line where the square of the "
        "distance is lost; right of it the error falls."
    )

    def __init__(self) -> None:
        super().__init__(None)
        self._models: dict[tuple[float, int], PlateauModel] = {}

    def at(self, settings: Settings) -> PlateauModel:
        """Return the model for this a and n; its curve is computed once."""
        key = settings["a"], settings["n"]
        if key not in self._models:
            self._models[key] = PlateauModel(*key)
        return self._models[key]

    def key(self, settings: Settings) -> object:
        """The axes never change; the curve is one of the marks."""
        return None

    def picture(self, settings: Settings) -> Picture:
        """Draw the axes, and the band in which no digit is right."""
        with style():
            figure = Figure(figsize=(8.2, 3.9), layout="constrained")
            axes = figure.subplots()
            _draw_axes(axes)
        return Picture(figure, {"plane": axes})

    def marks(self, settings: Settings) -> list[Mark]:
        """Place the curve of errors, the two upright lines, and the chosen point."""
        model, gamma = self.at(settings), settings["gamma"]
        error = model.sample(gamma).slope_error
        marks: list[Mark] = [
            Line("plane", [model.edge] * 2, [LOW, HIGH], SECOND, 1.8),
            Line("plane", [model.last_term] * 2, [LOW, HIGH], LAST, 1.8, (6.0, 3.0)),
            Line("plane", [gamma, gamma], [LOW, HIGH], GUIDE, 1.0),
            Line("plane", GAMMAS, np.maximum(model.errors, NO_ERROR), CURVE, 1.8),
        ]
        if math.isnan(error):
            return [*marks, Words("plane", 0.012, 0.04, "NaN: a + γ is a")]
        height = max(error, NO_ERROR)
        return [*marks, Dots("plane", [gamma], [height], CURVE, 10.0, ring=error == 0)]

    def facts(self, settings: Settings) -> list[Fact]:
        """Return the program, value and slope beside the truth, and where terms are lost."""
        model, gamma = self.at(settings), settings["gamma"]
        near, power = model.sample(gamma), str(model.n).translate(SUPERSCRIPTS)
        where = f"at x = {model.a:g} + {gamma:.1e}"
        program = f"(x{power} − {model.a:g}{power}) / (x − {model.a:g})"
        return [
            Fact("program", f"{program} {where}"),
            Fact("value", f"{near.value:.12g}, true {near.true_value:.12g}"),
            Fact("slope", f"{near.slope:.5g}, true {near.true_slope:.5g}: {_verdict(near)}"),
            Fact("γ² is lost", f"below γ = {model.edge:.1e}"),
            Fact("" if model.n == 2 else f"γ{power} is lost", _last(model)),
        ]


def _last(model: PlateauModel) -> str:
    """Say where the last term of the power is lost."""
    return "It is the last term." if model.n == 2 else f"below γ = {model.last_term:.1e}"


def _draw_axes(axes: Axes) -> None:
    axes.axhspan(0.5, HIGH, color=BANDS["red"], linewidth=0, zorder=0)
    axes.axhline(1, color=COLORS["black"], linewidth=0.8, zorder=1)
    axes.set(xscale="log", yscale="log", xlim=(10**-17.2, 10**0.2), ylim=(LOW, HIGH))
    axes.set(xlabel="γ, the distance from a", ylabel="|slope − truth| / |truth|")
    axes.set_yticks([1e-16, 1e-8, 1.0, 1e8, 1e16])
    axes.minorticks_off()
    for words, height in (("no digit\nis right", 1e9), ("twice the\ntruth", 1.0)):
        axes.text(10**0.4, height, words, va="center", fontsize="small")
    handles: list[tuple[Any, str, str]] = [
        (CURVE, "-", "the slope that tinyad returns"),
        (SECOND, "-", "below: γ² is lost"),
        (LAST, "--", "below: γⁿ is lost"),
    ]
    for color, dashes, label in handles:
        axes.plot([], [], dashes, color=color, linewidth=1.8, label=label)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.3)


def _verdict(near: Sample) -> str:
    """Say how good a slope is.

    >>> _verdict(Sample(4.0, 2.0, 4.0, 1.0)), _verdict(Sample(4.0, 1.01, 4.0, 1.0))
    ('twice the truth', 'about 2 digits are right')
    """
    error = near.slope_error
    if math.isnan(error):
        return "a + γ rounds to a"
    if abs(near.slope / near.true_slope - 2) < 1e-2:
        return "twice the truth"
    if error >= 0.5:
        return "no digit is right"
    digits = 16 if error == 0 else min(16, round(-math.log10(error)))
    return f"about {digits} digit{'s are' if digits != 1 else ' is'} right"
