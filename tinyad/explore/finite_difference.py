"""The ε slider: a secant that slides toward the tangent, beside the error it makes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyad.explore import difference_model as numbers
from tinyad.explore.difference_model import PLACES, STEPS, DifferenceModel, Reals
from tinyad.explore.explorer import Explorer, Fact, FigureScene, LogSlider, Settings
from tinyad.explore.style import COLORS, SMALL, style
from tinyad.explore.view import Dots, Line, Mark, Picture, Words, through

# The points that a secant goes through, in steps from x.
SIDES = {"forward": (0.0, 1.0), "central": (-1.0, 1.0)}
TANGENT, SECANT = COLORS["blue"], COLORS["orange"]
ROOM = 1.3  # half the height of the magnified axes, where the largest gap has height 1
EVERY = 99  # more digits than any format has
FORMULAS = {
    "forward": "(f(x+ε) − f(x)) / ε",
    "central": "(f(x+ε) − f(x−ε)) / 2ε",
    "complex": "Im f(x+iε) / ε",
}


def finite_difference(f: Callable[[Any], Any], x: Any) -> Explorer:
    """Return a widget that explores the difference quotients of f at the number x.

    Its controls are `eps` (10⁻¹⁷ to 1), `scheme` ("forward", "central", "complex") and `precision`
    ("float64", "float32"). Left: the curve with secant and tangent, and below, magnified, what is
    left of the curve when the tangent is taken away. Right: |difference − truth| over ε, with the
    model of truncation and round-off. An error of exactly 0 has no place on a logarithmic axis;
    it stands on a marked line at the bottom. The truth is tinyad's own derivative.

    Raises ArgumentError or OutputError unless f is a smooth function of one number at x.

    >>> slider = finite_difference(lambda x: x**2 * 4 + 4 + 2, 3)
    >>> slider.set(eps=1e-5)
    >>> print(slider.readout)
    forward     (f(x+ε) − f(x)) / ε in float64, ε = 1.0e-05
    difference  24.000039999805264
    truth       24.0
    error       4.0e-05; predicted: truncation 4.0e-05, round-off 9.3e-10
                5 digits agree with the truth.
    """
    slider = LogSlider(
        STEPS,
        1.0,
        description="step ε",
        tooltip="the step ε: how far the second point is from x",
        layout=widgets.Layout(width="430px"),
        style={"description_width": "50px"},
    )
    scheme = widgets.Dropdown(
        options=numbers.SCHEMES,
        description="scheme",
        tooltip="which difference quotient",
        layout=widgets.Layout(width="180px"),
        style={"description_width": "60px"},
    )
    precision = widgets.Dropdown(
        options=tuple(numbers.PRECISIONS),
        description="precision",
        tooltip="the floating-point format that f is computed in",
        layout=widgets.Layout(width="180px"),
        style={"description_width": "70px"},
    )
    controls = {"eps": slider, "scheme": scheme, "precision": precision}
    return Explorer(SecantScene(DifferenceModel(f, x)), controls)


class SecantScene(FigureScene):
    """What the ε slider shows at each setting."""

    plain = "Finite differences: a slider for the step ε; run the cell to move it."
    alt = (
        "Left, a curve with its tangent and a secant whose second point is one step away; below, "
        "the gap between curve and tangent, magnified. Right, the error of the difference quotient "
        "over the step on logarithmic axes, with the lines of truncation and round-off."
    )

    model: DifferenceModel

    def key(self, settings: Settings) -> object:
        """Curves and lines change with scheme and precision, not with ε."""
        return settings["scheme"], settings["precision"]

    def picture(self, settings: Settings) -> Picture:
        """Draw curve and tangent, the empty magnifier, and the error curve with its model."""
        with style():
            figure = Figure(figsize=(8.4, 3.9), layout="constrained")
            grid: Any = [["curve", "error"], ["gap", "error"]]
            ratios = {"width_ratios": [1, 1.25], "height_ratios": [2, 1]}
            axes = figure.subplot_mosaic(grid, gridspec_kw=ratios)
            self._draw_curve(axes["curve"], settings["precision"])
            self._draw_gap(axes["gap"])
            self._draw_error(axes["error"], settings["scheme"], settings["precision"])
        return Picture(figure, axes)

    def _draw_curve(self, axes: Axes, precision: str) -> None:
        at, window = self.model.point(precision), self.model.window(precision)
        tangent = at.value + at.slope * (window.places - at.x)
        axes.plot(window.places, window.heights, color=COLORS["black"], label="f")
        # Wider than the secant, so that both are seen where they coincide.
        axes.plot(window.places, tangent, color=TANGENT, linewidth=3.4, label="tangent")
        axes.plot([], [], color=SECANT, linewidth=1.6, label="secant")
        axes.plot(at.x, at.value, "o", color=COLORS["black"], markersize=6, zorder=3)
        axes.set(xlim=window.places[[0, -1]], ylim=(window.low, window.high))
        axes.locator_params(nbins=5)
        _legend_above(axes)

    def _draw_gap(self, axes: Axes) -> None:
        axes.axhline(0, color=TANGENT)
        axes.set(xlim=(-1.55, 1.55), ylim=(-ROOM, ROOM), yticks=[])
        axes.set_xticks([-1, 0, 1], ["x − ε", "x", "x + ε"])
        axes.set_title("f − tangent, magnified", fontsize=SMALL)

    def _draw_error(self, axes: Axes, scheme: str, precision: str) -> None:
        zero, top = self.model.decades
        errors = self.model.curve(scheme, precision)
        expected = self.model.expected(scheme, precision)
        axes.axhline(zero, color=COLORS["gray"], linewidth=1, linestyle=":")
        _polyline(axes, _positive(errors), width=1.2, label="error")
        _polyline(axes, np.where(errors == 0, zero, np.nan), width=2.4)
        for name, line, dashes, color in (
            ("truncation", expected.truncation(STEPS), "--", COLORS["green"]),
            ("round-off", expected.roundoff(STEPS), "-.", COLORS["purple"]),
        ):
            if np.any(line > 0):
                axes.plot(STEPS, _positive(line), dashes, color=color, linewidth=1.6, label=name)
        axes.set(xscale="log", yscale="log", xlim=(10**-17.4, 10**0.4), ylim=(zero / 6, top))
        axes.set(xlabel="step ε", ylabel="|difference − truth|")
        axes.set_xticks([1e-16, 1e-12, 1e-8, 1e-4, 1.0])
        decades = np.arange(math.ceil(math.log10(zero)) + 1, math.log10(top), 4)
        axes.set_yticks([zero, *10.0**decades], ["0", *(f"$10^{{{d:.0f}}}$" for d in decades)])
        axes.minorticks_off()
        _legend_above(axes)

    def marks(self, settings: Settings) -> list[Mark]:
        """Place secant, magnified gap, and the marker on the error curve."""
        eps, scheme, precision = _unpacked(settings)
        quotient = self.model.difference(eps, scheme, precision)
        zero, top = self.model.decades
        error = abs(float(quotient.value) - self.model.point(precision).slope)
        height = zero if error == 0 else error
        marks: list[Mark] = [
            Line("error", [eps, eps], [zero / 10, top], COLORS["gray"], 1.0),
            Dots("error", [eps], [height], SECANT, 10.0, ring=error == 0),
            Words("error", 0.5, 0.95, f"ε = {eps:.1e}, error {_shown(error)}", anchor="middle"),
        ]
        if scheme == "complex":
            words = "the step is imaginary: no secant to draw"
            return [*marks, Words("gap", 0.5, 0.68, words, anchor="middle")]
        if not math.isfinite(quotient.value):
            return [*marks, Words("gap", 0.5, 0.68, "no difference here", anchor="middle")]
        slope = float(quotient.value)
        return [*marks, *self._secant(eps, slope, settings), *self._magnified(eps, slope, settings)]

    def _secant(self, eps: float, slope: float, settings: Settings) -> list[Mark]:
        precision = settings["precision"]
        x, window = self.model.point(precision).x, self.model.window(precision)
        ends = x + eps * np.array(SIDES[settings["scheme"]])
        heights = self.model.values(ends, precision)
        line = through(ends.mean(), heights.mean(), slope, 3.0, 3 * (window.high - window.low))
        return [
            Line("curve", *line, SECANT, 1.6),
            Dots("curve", ends, heights, SECANT),
            Dots("curve", [x], self.model.values(np.array([x]), precision), COLORS["black"]),
        ]

    def _magnified(self, eps: float, slope: float, settings: Settings) -> list[Mark]:
        at = self.model.point(settings["precision"])
        gap = self.model.gap(eps, settings["precision"])
        sides = np.array(SIDES[settings["scheme"]])
        ends = np.array([gap[side == PLACES][0] for side in sides])
        tilt = (slope - at.slope) * eps
        scale = float(np.nanmax(np.abs([*gap, tilt]))) or 1.0
        line = through(sides.mean(), ends.mean() / scale, tilt / scale, 4.0, 10.0)
        return [
            Dots("gap", PLACES, gap / scale, COLORS["black"], 3.2),
            Line("gap", *line, SECANT, 1.6),
            Dots("gap", sides, ends / scale, SECANT),
            Dots("gap", [0], [0], COLORS["black"]),
            Words("gap", 1.0, 1.09, f"full height ±{ROOM * scale:.1e}", anchor="end"),
        ]

    def facts(self, settings: Settings) -> list[Fact]:
        """Return the difference beside the truth, the error beside the prediction, and a note."""
        eps, scheme, precision = _unpacked(settings)
        quotient = self.model.difference(eps, scheme, precision)
        slope = self.model.point(precision).slope
        error = abs(float(quotient.value) - slope)
        text, digits = str(quotient.value), _agreeing(slope, error)
        expected = self.model.expected(scheme, precision)
        parts = f"truncation {expected.truncation(eps):.1e}, round-off {expected.roundoff(eps):.1e}"
        return [
            Fact(scheme, f"{FORMULAS[scheme]} in {precision}, ε = {eps:.1e}"),
            Fact("difference", text, _reach(text, digits)),
            Fact("truth", str(numbers.PRECISIONS[precision](slope))),
            Fact("error", f"{_shown(error)}; predicted: {parts}"),
            Fact("", quotient.note or self._note(eps, scheme, precision, digits)),
        ]

    def _note(self, eps: float, scheme: str, precision: str, digits: int) -> str:
        if scheme == "complex":
            return "There is no secant: the step is imaginary, and nothing is subtracted."
        if self.model.absorbed(eps, precision):
            return "x + ε rounds to x: the step is too small to be seen."
        if self.model.point(precision).slope == 0:
            return ""
        count = {0: "No digit agrees", 1: "1 digit agrees"}.get(digits, f"{digits} digits agree")
        return f"{'All digits agree' if digits >= EVERY else count} with the truth."


def _unpacked(settings: Settings) -> tuple[float, str, str]:
    return settings["eps"], settings["scheme"], settings["precision"]


def _positive(errors: Reals) -> Reals:
    return np.where(errors > 0, errors, np.nan)


def _polyline(axes: Axes, heights: Reals, width: float, label: str | None = None) -> None:
    """Draw heights over STEPS; a point without a neighbor, which no line would show, as a dot."""
    color = COLORS["black"]
    axes.plot(STEPS, heights, color=color, linewidth=width, label=label, zorder=3)
    padded = np.isnan(np.pad(heights, 1, constant_values=np.nan))
    alone = padded[:-2] & padded[2:]
    axes.plot(STEPS[alone], heights[alone], "o", color=color, markersize=2.4)


def _shown(error: float) -> str:
    return f"{error:.1e}" if error else "exactly 0"


def _legend_above(axes: Axes) -> None:
    """Put the legend where it can never cover the data."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        borderaxespad=0.3,
        handlelength=1.6,
        columnspacing=1.2,
    )


def _agreeing(truth: float, error: float) -> int:
    """Return how many digits agree with the truth, by the size of the error.

    >>> _agreeing(24.0, 4e-5), _agreeing(24.0, 24.0), _agreeing(24.0, 0.0) == EVERY
    (5, 0, True)
    """
    if error == 0:
        return EVERY
    return int(-math.log10(error / abs(truth))) if error < abs(truth) else 0


def _reach(text: str, digits: int) -> int:
    """Return how many characters of a number hold its first significant digits.

    >>> _reach("24.000039999805264", 5), _reach("-0.0125", 2), _reach("0.0", 0)
    (6, 6, 0)
    """
    leading = len(text) - len(text.lstrip("-0."))
    places = [i for i in range(leading, len(text)) if text[i].isdigit()]
    return len(text) if digits >= EVERY else [0, *(i + 1 for i in places)][min(digits, len(places))]
