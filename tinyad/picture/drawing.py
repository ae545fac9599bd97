"""A few shapes, written as SVG and, through matplotlib, as PNG.

Places are pixels from the upper left corner. A drawing brings its own white paper, so that it reads
the same on a light and on a dark page. Its SVG has no ids and no style sheet, so that it changes
nothing else on the page.
"""

from __future__ import annotations

import html
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]

PAPER = "#FFFFFF"
SHARPNESS = 1.5  # pixels of the PNG for one of the screen
FONTS = "DejaVu Sans, Verdana, sans-serif"  # the first two are equally wide
# Widths in these fonts, in units of the font size; other characters take 0.64.
WIDTHS = {
    "ijl|'.,:;· ": 0.32,
    '()[]/frt-I"': 0.42,
    "₀₁₂₃₄₅₆₇₈₉₋⁰¹²³⁴⁵⁶⁷⁸⁹⁻": 0.46,
    "mwMW−+=×÷<>~%@→←…": 0.9,
}
WIDTH = {character: width for group, width in WIDTHS.items() for character in group}


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is, in pixels; never much too little."""
    return size * sum(0.0 if unicodedata.combining(c) else WIDTH.get(c, 0.64) for c in text)


@dataclass(frozen=True)
class Box:
    """A rectangle with round corners."""

    center: Point
    size: Point
    radius: float
    fill: str
    stroke: str = "none"
    width: float = 1.2
    dashes: tuple[float, ...] = ()

    def svg(self) -> str:
        """Return the box as an SVG element."""
        (x, y), (width, height) = self.center, self.size
        dashes = f' stroke-dasharray="{_numbers(self.dashes)}"' if self.dashes else ""
        return (
            f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}" rx="{self.radius:g}" fill="{self.fill}" '
            f'stroke="{self.stroke}" stroke-width="{self.width:g}"{dashes}/>'
        )


@dataclass(frozen=True)
class Arrow:
    """A way from a start through bends, given by their two ends, to the tip of an arrow."""

    points: Sequence[Point]
    color: str
    width: float = 1.2
    down: bool = False  # else to the right

    def path(self) -> list[tuple[str, list[Point]]]:
        """Return the commands of the way: M (move), L (line) and C (curve), with their points."""
        back = (0.0, -7.0) if self.down else (-7.0, 0.0)
        *bends, (x, y) = self.points[1:]
        commands = [("M", [self.points[0]])]
        for (x0, y0), (x1, y1) in zip(bends[::2], bends[1::2], strict=True):
            first, last = (x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2)
            if not self.down:
                first, last = ((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1)
            commands += [("L", [(x0, y0)]), ("C", [first, last, (x1, y1)])]
        return [*commands, ("L", [(x + back[0], y + back[1])])]

    def head(self) -> list[Point]:
        """Return the corners of the arrow's head."""
        x, y = self.points[-1]
        half = 2.5 + self.width
        if self.down:
            return [(x, y), (x - half, y - 9), (x + half, y - 9)]
        return [(x, y), (x - 9, y - half), (x - 9, y + half)]

    def svg(self) -> str:
        """Return the arrow as SVG elements."""
        way = "".join(command + _pairs(points) for command, points in self.path())
        return (
            f'<path d="{way}" fill="none" stroke="{self.color}" stroke-width="{self.width:g}"/>'
            f'<polygon points="{_pairs(self.head())}" fill="{self.color}"/>'
        )


@dataclass(frozen=True)
class Words:
    """A line of text around its center."""

    center: Point
    text: str
    size: float
    color: str
    bold: bool = False

    def svg(self) -> str:
        """Return the text as an SVG element."""
        bold = ' font-weight="bold"' if self.bold else ""
        x, y = self.center
        return (
            f'<text x="{x:.1f}" y="{y + 0.36 * self.size:.1f}" font-size="{self.size:g}" '
            f'fill="{self.color}"{bold}>{html.escape(self.text, quote=False)}</text>'
        )


Shape = Box | Arrow | Words


def svg(shapes: Sequence[Shape], size: Point, title: str, description: str) -> str:
    """Return shapes as an SVG document; title and description are for screen readers."""
    width, height = (f"{extent:.0f}" for extent in size)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{FONTS}" text-anchor="middle" '
        f'style="background: {PAPER}; border-radius: 6px; max-width: 100%; height: auto">'
        f"<title>{html.escape(title)}</title><desc>{html.escape(description)}</desc>"
        f'<rect width="{width}" height="{height}" rx="6" fill="{PAPER}"/>'
        f"{''.join(shape.svg() for shape in shapes)}</svg>"
    )


def png(shapes: Sequence[Shape], size: Point) -> bytes:
    """Return the same picture as a PNG: the same bytes each time, and few of them."""
    import matplotlib
    from matplotlib.figure import Figure
    from PIL import Image

    drawn, written = io.BytesIO(), io.BytesIO()
    with matplotlib.rc_context({"font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(size[0] / 96, size[1] / 96), dpi=96, facecolor=PAPER)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, size[0]), ylim=(size[1], 0))
        axes.axis("off")
        for order, shape in enumerate(shapes):
            for patch in _patches(shape):
                axes.add_patch(patch).set_zorder(order)
            if isinstance(shape, Words):
                text = axes.text(*shape.center, shape.text, ha="center", va="center_baseline")
                text.set(fontsize=0.75 * shape.size, color=shape.color, zorder=order)
                text.set(fontweight="bold" if shape.bold else "normal", parse_math=False)
        figure.savefig(drawn, format="png", dpi=96 * SHARPNESS)
    few_colors = Image.open(drawn).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    few_colors.save(written, format="png", optimize=True)
    return written.getvalue()


def _patches(shape: Shape) -> list[Any]:
    from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
    from matplotlib.path import Path

    if isinstance(shape, Box):
        (x, y), (width, height) = shape.center, shape.size
        style = f"round,pad=0,rounding_size={shape.radius}"
        box = FancyBboxPatch((x - width / 2, y - height / 2), width, height, boxstyle=style)
        box.set(facecolor=shape.fill, edgecolor=shape.stroke, linewidth=0.75 * shape.width)
        box.set_linestyle((0, shape.dashes) if shape.dashes else "-")
        return [box]
    if isinstance(shape, Arrow):
        codes = {"M": Path.MOVETO, "L": Path.LINETO, "C": Path.CURVE4}
        points = [(codes[command], point) for command, group in shape.path() for point in group]
        way = Path([point for _, point in points], [code for code, _ in points])
        line = PathPatch(way, fill=False, edgecolor=shape.color, linewidth=0.75 * shape.width)
        return [line, Polygon(shape.head(), closed=True, facecolor=shape.color)]
    return []


def _pairs(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:g}" for value in values)
