"""The explorer of division by almost zero: what ε and δ do to (x² − 4)/(x − 2) near 2."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tinyad.explore.explorer import (
    Explorer,
    Fact,
    FigureScene,
    LogSlider,
    NumberSlider,
    Settings,
)
from tinyad.explore.style import BANDS, COLORS, SMALL, style
from tinyad.explore.view import Dots, Line, Mark, Picture, Words
from tinyad.explore.zero_model import SMALLEST, Point, ZeroModel, position, sized

CURVE = COLORS["blue"]
DASHES, POINTS = (6.0, 4.0), (1.5, 3.0)  # at ±δ, and at ±ε
EPSILONS = np.array([float(f"1e{k}") for k in range(-18, 0)])
DELTAS = np.array([float(f"1e{k}") for k in range(-12, 1)])
NONE = 1e-17  # the height at which an error of exactly 0 is drawn
MEANING = {
    "red": "red: 2 + γ is rounded to 2",
    "yellow": "yellow: x² is rounded to 4 + 4g",
    "green": "green: x² keeps g², or a part of it",
}


def almost_zero() -> Explorer:
    """Return a widget that shows (x² − 4)/(x − 2) near 2, with ε added to the denominator.

    Its controls are `gamma`, the distance from 2, of either sign or 0; `eps`, which is added to the
    denominator with the sign that it has; and `delta`, up to which distance it is. Left: the
    quotient h₁ over γ, on bands that say what is left of γ in float64. Right: its error, and that
    of the quotient h without ε.

    >>> slider = almost_zero()
    >>> slider.set(gamma=1e-12, eps=1e-8, delta=1e-4)
    >>> print(slider.readout)
    x           2.000000000001, g = x − 2 = 1.000088900582341e-12
    region      yellow: x² is rounded to 4 + 4g
    h           4.0, error 1.0e-12
    h₁          0.00039999555712124047, error 4, with ε: 2 − δ < x < 2 + δ
    h₂          0.0004000355602329364, error 4, with ε: |g| < ε
    """
    model = ZeroModel()
    controls = {
        "gamma": _GammaSlider(model.gammas, 4e-9, **_words("γ", "the distance of x from 2", 790)),
        "eps": LogSlider(EPSILONS, 1e-8, **_words("ε", "what is added to the denominator", 390)),
        "delta": LogSlider(DELTAS, 1e-4, **_words("δ", "the distance up to which it is", 390)),
    }
    return Explorer(ZeroScene(model), controls)


def _words(description: str, tooltip: str, width: int) -> dict[str, Any]:
    return {
        "description": description,
        "tooltip": tooltip,
        "layout": widgets.Layout(width=f"{width}px"),
        "style": {"description_width": "20px"},
    }


class _GammaSlider(NumberSlider):
    """A slider over numbers of many sizes and both signs."""

    spelling = ".1e"

    def distances(self, number: float) -> Any:
        """Return how far they are on the axis of the picture."""
        return np.abs(position(self._numbers) - position(number))


class ZeroScene(FigureScene):
    """What the explorer shows at each setting."""

    plain = "Division by almost zero: sliders for γ, ε and δ; run the cell to move them."
    alt = (
        "Left, the quotient with ε over γ: 0 around γ = 0, half of 4 where |γ| is ε, and a small "
        "jump at δ. Right, its error on logarithmic axes, and the much smaller one without ε. "
        "Bands in red, yellow and green show what float64 keeps of γ."
    )

    model: ZeroModel

    def key(self, settings: Settings) -> object:
        """Nothing but the marks depends on the settings."""
        return None

    def picture(self, settings: Settings) -> Picture:
        """Draw the bands, the truth, and the error of h."""
        with style():
            figure = Figure(figsize=(8.8, 3.7), layout="constrained")
            axes = figure.subplot_mosaic([["value", "error"]])
            for one in axes.values():
                _draw_bands(one)
            self._draw_value(axes["value"])
            self._draw_error(axes["error"])
        return Picture(figure, axes)

    def _draw_value(self, axes: Axes) -> None:
        gammas = self.model.gammas
        axes.plot(gammas, 4 + gammas, color=COLORS["black"], linewidth=1.0, label="4 + γ")
        axes.plot([], [], color=CURVE, label="h₁, with ε")
        axes.plot([], [], color=COLORS["gray"], linewidth=1.2, dashes=(5, 3.4), label="±δ")
        axes.plot([], [], color=COLORS["gray"], linewidth=1.2, dashes=(1.2, 2.5), label="±ε")
        axes.set(ylim=(-0.25, 5.4), ylabel="value")
        _legend_above(axes)

    def _draw_error(self, axes: Axes) -> None:
        gammas, errors = self.model.own_error
        axes.plot(gammas, _drawn(errors), color=COLORS["black"], linewidth=0.8, label="error of h")
        axes.plot([], [], color=CURVE, label="error of h₁")
        axes.set(yscale="log", ylim=(NONE / 5, 5e2), ylabel="error")
        axes.set_yticks(
            [NONE, 1e-12, 1e-8, 1e-4, 1.0], ["0", *(f"$10^{{{k}}}$" for k in (-12, -8, -4)), "1"]
        )
        axes.minorticks_off()
        _legend_above(axes)

    def marks(self, settings: Settings) -> list[Mark]:
        """Place the curve of h₁ and of its error, the borders ±ε and ±δ, and a dot at γ."""
        gamma, eps, delta = _unpacked(settings)
        point = self.model.point(gamma, eps, delta)
        gammas, values, errors = self.model.curve(eps, delta)
        error = point.error(point.h1)
        marks: list[Mark] = []
        for axes, curve, height, (low, high) in (
            ("value", values, point.h1, (-1.0, 9.0)),
            ("error", _drawn(errors), float(_drawn(error)), (1e-18, 1e3)),
        ):
            for size, dashes in ((delta, DASHES), (eps, POINTS)):
                for place in (-size, size):
                    ends = [place, place], [low, high]
                    marks.append(Line(axes, *ends, COLORS["gray"], 1.2, dashes))
            marks.append(Line(axes, gammas, curve, CURVE, 1.8))
            marks.append(Dots(axes, [gamma], [height], COLORS[point.region], 10.0))
        return [
            *marks,
            Words("error", 0.5, 0.93, f"error of h₁: {sized(error)}", anchor="middle"),
        ]

    def facts(self, settings: Settings) -> list[Fact]:
        """Return x, its region, and the three quotients with their errors."""
        gamma, eps, delta = _unpacked(settings)
        point = self.model.point(gamma, eps, delta)
        inside = "with ε: 2 − δ < x < 2 + δ" if point.near else "without ε: x is outside of 2 ± δ"
        bounded = abs(point.x - 2) < eps
        below = "with ε: |g| < ε" if bounded else "without ε: |g| is not below ε"
        return [
            Fact("x", f"{point.x}, g = x − 2 = {point.x - 2}"),
            Fact("region", MEANING[point.region]),
            Fact("h", _value(point, point.h)),
            Fact("h₁", f"{_value(point, point.h1)}, {inside}"),
            Fact("h₂", f"{_value(point, point.h2)}, {below}"),
        ]


def _unpacked(settings: Settings) -> tuple[float, float, float]:
    return settings["gamma"], settings["eps"], settings["delta"]


def _value(point: Point, value: float) -> str:
    return f"{value}, error {sized(point.error(value))}"


def _drawn(errors: Any) -> NDArray[np.float64]:
    drawn: NDArray[np.float64] = np.maximum(errors, NONE)
    return drawn


def _draw_bands(axes: Axes) -> None:
    """Color the regions, and put γ on an axis that is logarithmic in both directions."""
    borders = {
        "green": [(-1.0, -(2.0**-26)), (2.0**-25.5, 1.0)],
        "yellow": [(-(2.0**-26), -(2.0**-53)), (2.0**-52, 2.0**-25.5)],
        "red": [(-(2.0**-53), 2.0**-52)],
    }
    for name, stretches in borders.items():
        for left, right in stretches:
            axes.axvspan(left, right, color=BANDS[name], linewidth=0, zorder=0)
    axes.set_xscale("symlog", linthresh=SMALLEST, linscale=0.8)
    axes.set(xlim=(-2, 2), xlabel="γ")
    names = {-1e-1: "−0.1", -1e-8: "−10⁻⁸", -1e-16: "−10⁻¹⁶", 0.0: "0"}
    names |= {-place: name.lstrip("−") for place, name in names.items() if place}
    axes.set_xticks(list(names), list(names.values()), fontsize=SMALL)
    axes.minorticks_off()


def _legend_above(axes: Axes) -> None:
    """Put the legend where it can never cover the data."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.3, handlelength=1.8
    )
