"""The parameter cube: every vector of three parameters in a small format, and where AD can fail."""

from __future__ import annotations

from numbers import Real
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from tinyad.errors import ArgumentError
from tinyad.explore.cube_model import FORMATS, NETWORKS, RELUS, CubeModel, Reals, members
from tinyad.explore.explorer import Explorer, Fact, FigureScene, Settings, StepSlider
from tinyad.explore.style import COLORS, style
from tinyad.explore.view import Dots, Line, Mark, Picture

BAD, SLICE, FRAME = COLORS["red"], COLORS["blue"], COLORS["gray"]
DEPTH = np.array([0.42, 0.3])  # how far the third axis leads to the right and up
CORNERS = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)], float)
ASIDE = {"description_width": "60px"}


def parameter_cube(format: str = "e2m1", network: str = "one unit") -> Explorer:
    """Return a widget that shows all vectors of three parameters, and where no derivative exists.

    Its controls are `format` ("e1m1" with 7 numbers, "e2m1" with 15, "e2m2" with 31), `network`
    ("one unit", "its input 1.5", "two layers", "two units") and `slice`, a value of the third
    parameter. On the left the cube, with a dot for each point without a derivative; on the right
    the chosen slice of it, where small dots are the other points.

    Raises ArgumentError for a format or a network that is not listed.

    >>> cube = parameter_cube("e2m1")
    >>> cube.set(slice=1.5)
    >>> print(cube.readout)
    network     v·relu(w + b), 1 ReLU; 15 numbers
    cube        210 of 3375 points without a derivative: 6.22%
    bound       1/15 = 6.67%
    AD wrong    at 0, 0, 0 of the other points for relu′(0) = 0, ½, 1
    slice       v = 1.5: 15 of 225 points without a derivative
    """
    CubeModel(format, network)  # refuses what is not known
    forms = widgets.Dropdown(
        options=[*FORMATS],
        value=format,
        description="format",
        tooltip="bits of the exponent and of the fraction",
        layout=widgets.Layout(width="160px"),
        style=ASIDE,
    )
    networks = widgets.Dropdown(
        options=[*NETWORKS],
        value=network,
        description="network",
        tooltip="the network whose parameters these are",
        layout=widgets.Layout(width="220px"),
        style=ASIDE,
    )
    place = MemberSlider(
        members(*FORMATS[format]),
        1.0,  # a number of each format
        description="slice",
        tooltip="the value of the third parameter",
        layout=widgets.Layout(width="330px"),
        style={"description_width": "40px"},
    )
    # Before the explorer looks at it: the slider has the numbers of the format, and no others.
    forms.observe(lambda change: place.hold(members(*FORMATS[change["new"]])), "value")
    return Explorer(CubeScene(), {"format": forms, "network": networks, "slice": place})


class MemberSlider(StepSlider):
    """A slider over the numbers of a format, by their places in it; they can be exchanged.

    A slider over a list of choices would keep its length in the browser.
    """

    def __init__(self, numbers: Reals, number: float, **options: Any) -> None:
        self._numbers = numbers
        last = len(numbers) - 1
        super().__init__(min=0, max=last, value=self._place(number), readout=False, **options)

    def _place(self, number: float) -> int:
        return int(np.abs(self._numbers - number).argmin())

    def hold(self, numbers: Reals) -> None:
        """Take these numbers in place of the old ones; go to the one next to where it was."""
        number, self._numbers = float(self._numbers[self.value]), numbers
        place, last = self._place(number), len(numbers) - 1
        # In this order, so that the value is never beyond the end.
        self.value = min(place, self.value)
        self.max = last
        self.value = place

    def move(self, number: Any) -> None:
        """Go to the number next to this one; raise ArgumentError beyond the ends."""
        low, high = float(self._numbers[0]), float(self._numbers[-1])
        is_number = isinstance(number, Real) and not isinstance(number, bool)
        if not (is_number and low <= number <= high):
            raise ArgumentError(
                f"The slice cannot be {number!r}.",
                f"Choose a number from {low:g} to {high:g}.",
            )
        self.value = self._place(float(number))


class CubeScene(FigureScene):
    """What the parameter cube shows at each setting."""

    plain = "The parameter cube: controls for format, network and slice; run the cell to use them."
    alt = (
        "A cube of parameters in which the points without a derivative lie on a surface, and "
        "beside it one slice of the cube, where they lie on a line among the other points."
    )

    def __init__(self) -> None:
        super().__init__(None)
        self._models: dict[object, tuple[CubeModel, tuple[int, ...]]] = {}

    def key(self, settings: Settings) -> object:
        """The picture depends on format and network; the slice is one of the marks."""
        return settings["format"], settings["network"]

    def at(self, settings: Settings) -> tuple[CubeModel, tuple[int, ...]]:
        """Return the model of these settings and how often AD is wrong; counted once."""
        key = self.key(settings)
        if key not in self._models:
            model = CubeModel(settings["format"], settings["network"])
            self._models[key] = model, tuple(model.wrong(s) for s in RELUS)
        return self._models[key]

    def picture(self, settings: Settings) -> Picture:
        """Draw the cube with its failing points, and the grid for a slice."""
        model, _ = self.at(settings)
        with style():
            figure = Figure(figsize=(8.2, 3.7), layout="constrained")
            cube, plane = figure.subplots(1, 2, width_ratios=(1.25, 1))
            draw_cube(cube, model)
            _draw_plane(plane, model)
        return Picture(figure, {"cube": cube, "plane": plane})

    def marks(self, settings: Settings) -> list[Mark]:
        """Place the slice in the cube, and its failing points on the grid."""
        model, _ = self.at(settings)
        third = float(model.numbers[settings["slice"]])
        x, y = projected(CORNERS, np.full(5, third / model.numbers[-1]))
        w, b = model.slice(third)
        return [Line("cube", x, y, SLICE, 2.0), Dots("plane", w, b, BAD, 7.0)]

    def facts(self, settings: Settings) -> list[Fact]:
        """Return the counts of the cube and of the slice, and what the theorem allows."""
        model, wrong = self.at(settings)
        unit, count = model.unit, len(model.numbers)
        third = float(model.numbers[settings["slice"]])
        here = len(model.slice(third)[0])
        relus = f"{unit.relus} ReLU{'s' if unit.relus > 1 else ''}"
        share = f"{model.failing / model.size:.2%}"
        return [
            Fact("network", f"{unit.formula}, {relus}; {count} numbers"),
            Fact("cube", f"{model.failing} of {model.size} points without a derivative: {share}"),
            Fact("bound", f"{unit.relus}/{count} = {model.bound:.2%}"),
            Fact(
                "AD wrong",
                f"at {', '.join(map(str, wrong))} of the other points for relu′(0) = 0, ½, 1",
            ),
            Fact(
                "slice",
                f"{unit.third} = {third:g}: {here} of {count**2} points without a derivative",
            ),
        ]


def projected(front: Reals, third: Reals) -> Reals:
    """Return where points of the cube from −1 to 1 lie in the picture: a row of x, a row of y."""
    places: Reals = front.T + np.outer(DEPTH, third)
    return places


def draw_cube(axes: Axes, model: CubeModel) -> None:
    """Draw the edges of the cube, and a dot for each point without a derivative."""
    for end in (-1.0, 1.0):
        axes.plot(*projected(CORNERS, np.full(5, end)), color=FRAME, linewidth=1)
    for corner in CORNERS[:4]:
        edge = projected(np.array([corner, corner]), np.array([-1.0, 1.0]))
        axes.plot(*edge, color=FRAME, linewidth=1)
    largest = model.numbers[-1]
    w, b, third = (axis[~model.straight] / largest for axis in model.points)
    _draw_dots(
        axes,
        projected(np.column_stack([w, b]), third).T,
        BAD,
        4.0 if len(model.numbers) < 20 else 2.2,
    )
    left, low = -1 - DEPTH
    for x, y, name in ((left + 1, low - 0.14, "w"), (left - 0.12, low + 1, "b")):
        axes.text(x, y, name, ha="center", va="center")
    axes.text(1.12, -1.1, model.unit.third, ha="center", va="center")
    axes.set(xlim=(-1.65, 1.5), ylim=(-1.55, 1.4), aspect="equal")
    axes.axis("off")


def _draw_plane(axes: Axes, model: CubeModel) -> None:
    reach = model.numbers[-1] * 1.08
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ticks = model.numbers[-1] * np.array([-1, -0.5, 0, 0.5, 1])
    axes.set(xlabel="w", ylabel="b", title="the slice", xticks=ticks, yticks=ticks)
    w, b = (axis.ravel() for axis in np.meshgrid(model.numbers, model.numbers))
    axes.grid(visible=False)
    _draw_dots(axes, np.column_stack([w, b]), FRAME, 2.0)


def _draw_dots(axes: Axes, places: NDArray[np.float64], color: str, size: float) -> None:
    """Draw many dots as one path of the shortest strokes: half of what markers would weigh."""
    corners = np.repeat(places, 2, axis=0)
    corners[1::2, 0] += 1e-3 * np.ptp(places)  # without any length, not every renderer shows them
    codes = np.tile([Path.MOVETO, Path.LINETO], len(places))
    path = Path(corners, codes)
    path.should_simplify = False
    dots = PathPatch(path, edgecolor=color, facecolor="none", linewidth=size, zorder=3)
    dots.set_capstyle("round")
    dots.set_snap(False)  # moved to whole pixels, most of them would lose what length they have
    axes.add_patch(dots)
