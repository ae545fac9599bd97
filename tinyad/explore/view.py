"""The view that all explorers share: a picture drawn once, and a few shapes that move on it.

matplotlib draws axes and fixed curves once, to SVG. What follows a slider is a handful of marks,
placed by the axes' own transform, in a second SVG that lies on the first: a key press changes the
picture in a few milliseconds, where drawing a figure anew takes a few hundred. The same marks are
drawn by matplotlib for the PNG that a notebook shows where nothing runs.
"""

from __future__ import annotations

import html
import io
import itertools
import math
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from tinyad.explore.style import COLORS, DOTS_PER_INCH, PAPER, SMALL, png, style

POINTS_PER_INCH = 72  # the unit of SVG as matplotlib writes it
_serial = itertools.count()


@dataclass(frozen=True)
class Line:
    """A polyline through data coordinates; what is not finite is left out."""

    axes: str
    x: Any
    y: Any
    color: str
    width: float = 2.0
    dashes: tuple[float, ...] = ()

    def svg(self, places: NDArray[np.float64]) -> str:
        """Return the line as an SVG element."""
        dashes = f' stroke-dasharray="{" ".join(map(str, self.dashes))}"' if self.dashes else ""
        return (
            f'<polyline points="{_pairs(places)}" fill="none" stroke="{self.color}" '
            f'stroke-width="{self.width}"{dashes} stroke-linecap="round"/>'
        )

    def draw(self, axes: Axes) -> Artist:
        """Draw the same line with matplotlib."""
        dashes = [d / self.width for d in self.dashes]
        (line,) = axes.plot(self.x, self.y, color=self.color, linewidth=self.width, zorder=5)
        line.set_linestyle((0, tuple(dashes)) if dashes else "-")
        line.set_solid_capstyle("round")
        return line


@dataclass(frozen=True)
class Arrow:
    """An arrow from one place to another in data coordinates; none where they are one place."""

    axes: str
    x: Any
    y: Any
    color: str
    width: float = 3.0

    def svg(self, places: NDArray[np.float64]) -> str:
        """Return the arrow as an SVG element."""
        return f'<polygon points="{_pairs(self._outline(places))}" fill="{self.color}"/>'

    def draw(self, axes: Axes) -> Artist:
        """Draw the same arrow with matplotlib."""
        places = axes.transData.transform(np.column_stack([self.x, self.y]).astype(float))
        outline = axes.transData.inverted().transform(self._outline(places))
        return axes.add_patch(Polygon(outline, color=self.color, linewidth=0, zorder=5))

    def _outline(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        way = places[-1] - places[0] if len(places) == 2 else np.zeros(2)
        length = float(np.hypot(*way))
        if not 0 < length < math.inf:
            return np.empty((0, 2))
        along = way / length
        across = np.array([-along[1], along[0]]) * self.width
        neck = places[1] - min(length, 3.6 * self.width) * along
        half = [(places[0], 0.5), (neck, 0.5), (neck, 1.5), (places[1], 0.0)]
        back = [(at, -side) for at, side in half[2::-1]]
        return np.array([at + side * across for at, side in half + back])


@dataclass(frozen=True)
class Dots:
    """Round markers at data coordinates, `size` points across, filled or as rings."""

    axes: str
    x: Any
    y: Any
    color: str
    size: float = 8.0
    ring: bool = False

    def svg(self, places: NDArray[np.float64]) -> str:
        """Return the markers as SVG elements."""
        fill, edge = (PAPER, self.color) if self.ring else (self.color, PAPER)
        width = 1.8 if self.ring else min(1.2, self.size / 6)
        return "".join(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{self.size / 2:g}" fill="{fill}" '
            f'stroke="{edge}" stroke-width="{width:.1f}"/>'
            for x, y in places
        )

    def draw(self, axes: Axes) -> Artist:
        """Draw the same markers with matplotlib."""
        fill, edge = (PAPER, self.color) if self.ring else (self.color, PAPER)
        width = 1.8 if self.ring else min(1.2, self.size / 6)
        (dots,) = axes.plot(self.x, self.y, "o", color=fill, markeredgecolor=edge, zorder=6)
        dots.set(markersize=self.size, markeredgewidth=width)
        return dots


@dataclass(frozen=True)
class Words:
    """Short text with a halo; x and y are fractions of the axes, (0, 0) at the lower left."""

    axes: str
    x: float
    y: float
    text: str
    color: str = COLORS["black"]
    anchor: str = "start"  # or "middle", "end"

    def svg(self, places: NDArray[np.float64]) -> str:
        """Return the text as an SVG element."""
        ((x, y),) = places
        return (
            f'<text x="{x:.2f}" y="{y:.2f}" fill="{self.color}" font-size="{SMALL:g}" '
            f'font-family="DejaVu Sans, sans-serif" text-anchor="{self.anchor}" '
            f'stroke="{PAPER}" stroke-width="3" paint-order="stroke">'
            f"{html.escape(self.text)}</text>"
        )

    def draw(self, axes: Axes) -> Artist:
        """Draw the same text with matplotlib."""
        place = {"start": "left", "middle": "center", "end": "right"}[self.anchor]
        text = axes.text(self.x, self.y, self.text, transform=axes.transAxes, zorder=7)
        text.set(color=self.color, fontsize=SMALL, horizontalalignment=place)
        text.set_path_effects([withStroke(linewidth=3, foreground=PAPER)])
        return text


Mark = Line | Arrow | Dots | Words


class Picture:
    """A figure drawn once, on whose named axes marks can be placed.

    >>> from tinyad.explore.style import figure
    >>> fig, ax = figure(width=4, height=3)
    >>> picture = Picture(fig, {"plane": ax})
    >>> picture.moving([Dots("plane", [0.5], [0.5], "#000000")], "A dot.").count("<circle")
    1
    """

    def __init__(self, figure: Figure, axes: Mapping[str, Axes]) -> None:
        self.figure, self.axes = figure, dict(axes)
        figure.set_dpi(POINTS_PER_INCH)  # so that the axes' transforms speak of SVG's points
        width, height = figure.get_size_inches()
        self.width, self.height = float(width) * POINTS_PER_INCH, float(height) * POINTS_PER_INCH
        drawing = _svg(figure)
        # Marks and PNG must find the axes where they are now, with the limits they have now.
        figure.set_layout_engine("none")
        for one in axes.values():
            one.set_autoscale_on(False)
        # One page may hold several pictures, of several notebooks, and ids are the page's.
        prefix = f"tinyad{next(_serial)}-{zlib.crc32(drawing.encode()):08x}-"
        drawing = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}", drawing)
        self.fixed = self._root('aria-hidden="true"', drawing)
        self._clips = {name: f"{prefix}clip-{name}" for name in axes}
        self._clip_paths = "".join(self._clip_path(name) for name in axes)

    def place(self, axes: str, x: Any, y: Any) -> NDArray[np.float64]:
        """Return data coordinates as SVG coordinates, without those that are nowhere."""
        points = np.column_stack([x, y]).astype(float)
        here = self.axes[axes]
        for column, scale in enumerate((here.get_xscale(), here.get_yscale())):
            if scale == "log":  # matplotlib would put zero a thousand decades down
                points[points[:, column] <= 0, column] = np.nan
        return self._flipped(here.transData.transform(points))

    def moving(self, marks: Iterable[Mark], label: str) -> str:
        """Return these marks as an SVG to lay on `fixed`; `label` is what a screen reader says."""
        elements = "".join(map(self._element, marks))
        words = f'role="img" aria-label="{html.escape(label)}"'
        return self._root(words, self._clip_paths + elements)

    def _root(self, attributes: str, content: str) -> str:
        scale = DOTS_PER_INCH / POINTS_PER_INCH
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'{attributes} width="{self.width * scale:.0f}" height="{self.height * scale:.0f}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" '
            f'style="display: block; max-width: 100%; height: auto">{content}</svg>'
        )

    def png(self, marks: Iterable[Mark]) -> bytes:
        """Return the picture with these marks as a PNG."""
        drawn = [mark.draw(self.axes[mark.axes]) for mark in marks]
        try:
            return png(self.figure)
        finally:
            for artist in drawn:
                artist.remove()

    def _element(self, mark: Mark) -> str:
        if isinstance(mark, Words):
            inside = self.axes[mark.axes].transAxes.transform([(mark.x, mark.y)])
            return mark.svg(self._flipped(inside))
        element = mark.svg(self.place(mark.axes, mark.x, mark.y))
        return f'<g clip-path="url(#{self._clips[mark.axes]})">{element}</g>'

    def _flipped(self, points: Any) -> NDArray[np.float64]:
        places: NDArray[np.float64] = points[np.isfinite(points).all(axis=1)]
        places[:, 1] = self.height - places[:, 1]  # SVG counts downward
        return places

    def _clip_path(self, name: str) -> str:
        box = self.axes[name].bbox
        return (
            f'<clipPath id="{self._clips[name]}"><rect x="{box.x0:.2f}" '
            f'y="{self.height - box.y1:.2f}" width="{box.width:.2f}" '
            f'height="{box.height:.2f}"/></clipPath>'
        )


def _svg(figure: Figure) -> str:
    """Return what matplotlib draws, without the file's head and its root element."""
    text = io.StringIO()
    with style():
        figure.savefig(text, format="svg", metadata={"Date": None})
    drawing = re.sub(r"<metadata>.*?</metadata>", "", text.getvalue(), flags=re.DOTALL)
    inside = re.search(r"<svg[^>]*>(.*)</svg>", drawing, flags=re.DOTALL)
    assert inside is not None
    # A style element would speak for the whole page, and make the browser look at all of it.
    inside_only = re.sub(r"<style[^>]*>.*?</style>", "", inside.group(1), flags=re.DOTALL)
    # Thousandths of a point are enough, and the shorter text reaches the browser sooner.
    rounded = re.sub(r"(\.\d{3})\d+", r"\1", inside_only)
    plain = re.sub(r"\s*\n\s*", "\n", re.sub(r"<!--.*?-->|<defs/>", "", rounded)).strip()
    return f'<g stroke-linejoin="round" stroke-linecap="butt">{plain}</g>'


def _pairs(places: NDArray[np.float64]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in places)


def through(
    x: float, y: float, slope: float, reach: float, height: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return xs and ys of a line's ends, at most `reach` to the side and `height` up or down.

    >>> through(0.0, 0.0, 2.0, reach=10.0, height=4.0)
    ((-2.0, 2.0), (-4.0, 4.0))
    """
    far = min(reach, height / abs(slope)) if slope else reach
    return (x - far, x + far), (y - slope * far, y + slope * far)
