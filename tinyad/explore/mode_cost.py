"""The cost slider: what all partial derivatives cost in forward and in reverse mode."""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyad.explore.cost_model import SIZES, CostModel
from tinyad.explore.explorer import Explorer, Fact, FigureScene, Settings
from tinyad.explore.style import COLORS, style
from tinyad.explore.view import Dots, Line, Mark, Picture

FORWARD, REVERSE = COLORS["orange"], COLORS["blue"]
DASHES = (3.0, 2.0)  # in widths of the line, so that color is not the only difference
RING = 0.16  # decades from its center
EVEN = 0.02  # decades, or 5 %: so little is no reason to choose


def mode_cost() -> Explorer:
    """Return a widget that compares the cost of forward and reverse mode.

    Its controls are `n`, the number of inputs, and `m`, the number of outputs, from 1 to 1000. The
    program has n inputs, a stretch of 100 operations that all share, and m outputs; both modes are
    run on it, and the operations they do are counted. Left: the operations that all m × n partial
    derivatives take, over n. Right: which mode is cheaper for each n and m, and how much.

    >>> slider = mode_cost()
    >>> slider.set(n=1000, m=1)
    >>> print(slider.readout)
    program     1000 inputs, 1 output, 2,100 operations
    forward     1000 passes × 6,300 = 6,300,000 operations
    reverse     2,100 recorded + 1 sweep × 3,201 = 5,301 operations
                Reverse mode is cheaper: forward mode does 1,188 times as much.
    """
    controls = {"n": _slider("inputs n", 100), "m": _slider("outputs m", 1)}
    return Explorer(CostScene(CostModel()), controls)


def _slider(description: str, value: int) -> widgets.SelectionSlider:
    return widgets.SelectionSlider(
        options=SIZES,
        value=value,
        description=description,
        tooltip=f"the number of {description[:-2]} of the program",
        layout=widgets.Layout(width="390px"),
        style={"description_width": "75px"},
    )


class CostScene(FigureScene):
    """What the cost slider shows at each setting."""

    plain = "Forward against reverse mode: sliders for inputs and outputs; run the cell to move."
    alt = (
        "Left, on logarithmic axes, the operations that all partial derivatives take in forward "
        "and in reverse mode over the number of inputs. Right, a map of inputs and outputs: above "
        "the diagonal forward mode is cheaper, below it reverse mode."
    )

    model: CostModel

    def key(self, settings: Settings) -> object:
        """Nothing but the marks depends on the settings."""
        return None

    def picture(self, settings: Settings) -> Picture:
        """Draw the empty axes of the costs, and the map."""
        with style():
            figure = Figure(figsize=(8.4, 3.9), layout="constrained")
            axes = figure.subplot_mosaic([["cost", "map"]], gridspec_kw={"width_ratios": [1.2, 1]})
            self._draw_cost(axes["cost"])
            self._draw_map(axes["map"])
        return Picture(figure, axes)

    def _draw_cost(self, axes: Axes) -> None:
        axes.plot([], [], color=FORWARD, dashes=DASHES, label="forward")
        axes.plot([], [], color=REVERSE, label="reverse")
        costs = [cost(n, m) for cost in self._costs for n in SIZES[::6] for m in SIZES[::6]]
        axes.set(xscale="log", yscale="log", xlim=(0.75, 1400), ylim=(100, 3 * max(costs)))
        axes.set(xlabel="inputs n", ylabel="operations")
        axes.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
        axes.minorticks_off()
        _legend_above(axes)

    def _draw_map(self, axes: Axes) -> None:
        n, m = (size.ravel() for size in np.meshgrid(SIZES, SIZES))
        forward, reverse = (
            np.array([cost(*map(int, pair)) for pair in zip(n, m, strict=True)], float)
            for cost in self._costs
        )
        decades = np.log10(forward / reverse)
        for name, marker, color, gain in (
            ("forward", "s", FORWARD, -decades),
            ("reverse", "o", REVERSE, decades),
        ):
            wins = gain > EVEN
            area = 8 + 24 * gain[wins]
            axes.scatter(n[wins], m[wins], area, color, marker=marker, label=f"{name} wins")
        even = np.abs(decades) <= EVEN
        axes.scatter(n[even], m[even], 12, COLORS["gray"], marker="D", label="even")
        axes.set(xscale="log", yscale="log", xlim=(0.6, 1700), ylim=(0.6, 1700))
        axes.set(xlabel="inputs n", ylabel="outputs m")
        for ticks in (axes.set_xticks, axes.set_yticks):
            ticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
        axes.minorticks_off()
        _legend_above(axes)

    @property
    def _costs(self) -> tuple[Any, Any]:
        return self.model.forward, self.model.reverse

    def marks(self, settings: Settings) -> list[Mark]:
        """Place both curves for this number of outputs, a dot on each, and a ring on the map."""
        n, m = settings["n"], settings["m"]
        marks: list[Mark] = [Line("cost", [n, n], [1, 1e9], COLORS["gray"], 1.0)]
        for cost, color, dashes in (
            (self.model.forward, FORWARD, tuple(2 * dash for dash in DASHES)),
            (self.model.reverse, REVERSE, ()),
        ):
            line = [cost(size, m) for size in SIZES]
            marks.append(Line("cost", SIZES, line, color, dashes=dashes))
            marks.append(Dots("cost", [n], [cost(n, m)], color, 10.0))
        turn = np.linspace(0, 2 * np.pi, 33)
        across, up = n * 10 ** (RING * np.cos(turn)), m * 10 ** (RING * np.sin(turn))
        return [*marks, Line("map", across, up, COLORS["black"], 1.8)]

    def facts(self, settings: Settings) -> list[Fact]:
        """Return what either mode did, how often, and which did less."""
        n, m = settings["n"], settings["m"]
        forward, reverse = self.model.forward(n, m), self.model.reverse(n, m)
        run, each, back = (
            count(n, m) for count in (self.model.program, self.model.forward_pass, self.model.sweep)
        )
        size = f"{_count(n, 'input')}, {_count(m, 'output')}, {run:,} operations"
        sweeps = _count(m, "sweep")
        return [
            Fact("program", size),
            Fact("forward", f"{_count(n, 'pass', 'es')} × {each:,} = {forward:,} operations"),
            Fact("reverse", f"{run:,} recorded + {sweeps} × {back:,} = {reverse:,} operations"),
            Fact("", self._verdict(n, m)),
        ]

    def _verdict(self, n: int, m: int) -> str:
        forward, reverse = (cost(n, m) for cost in self._costs)
        if abs(math.log10(forward / reverse)) <= EVEN:
            return "Both modes do about as much."
        winner, loser = ("Forward", "reverse") if forward < reverse else ("Reverse", "forward")
        ratio = max(forward, reverse) / min(forward, reverse)
        times = f"{ratio:,.{0 if ratio > 100 else 1}f} times as much"
        return f"{winner} mode is cheaper: {loser} mode does {times}."


def _count(number: int, noun: str, ending: str = "s") -> str:
    return f"{number} {noun}{'' if number == 1 else ending}"


def _legend_above(axes: Axes) -> None:
    """Put the legend where it can never cover the data."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.3, handlelength=1.6
    )
