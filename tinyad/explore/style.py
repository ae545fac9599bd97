"""The one style of the course's figures, and how they are shown.

Figures are opaque and light, so that they read the same in JupyterLab's light and dark theme. The
colors stay apart for readers with any of the common color deficiencies, and stand out from the
background by at least 3:1. Nothing here touches matplotlib's global state.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import matplotlib
from cycler import cycler
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from tinyad.errors import ArgumentError
from tinyad.picture import Picture

# Chosen by search: every pair differs by at least 25 (CIE Lab), those with yellow by 20, to full
# and to each form of dichromatic color vision.
COLORS: Mapping[str, str] = MappingProxyType(
    {
        "blue": "#0539C0",
        "orange": "#D18002",
        "green": "#04754D",
        "purple": "#9D1C87",
        "sky": "#5892FF",
        "red": "#AA3505",
        "gray": "#89949D",
        "black": "#1F2328",
        "yellow": "#998B4D",
    }
)
# A yellow that stands out from white is an ocher; on its band it is seen as yellow.
BANDS: Mapping[str, str] = MappingProxyType(
    {"red": "#FBE0D6", "yellow": "#FFF3B5", "green": "#D6EEE3"}
)
PAPER = "#FFFFFF"
GRID = "#E3E6E9"
SMALL, NORMAL, LARGE = 9.0, 10.0, 11.0  # points
DOTS_PER_INCH = 96  # of a CSS pixel, so that a figure is as wide on screen as it says
SHARPNESS = 1.5  # pixels of the file for one of the screen

STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "axes.edgecolor": COLORS["black"],
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.labelcolor": COLORS["black"],
        "axes.labelsize": NORMAL,
        "axes.titlesize": LARGE,
        "axes.titlelocation": "left",
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "xtick.color": COLORS["black"],
        "ytick.color": COLORS["black"],
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "legend.fontsize": SMALL,
        "legend.frameon": False,
        "text.color": COLORS["black"],
        "font.family": "DejaVu Sans",  # it comes with matplotlib, so every machine has it
        "font.size": NORMAL,
        "mathtext.fontset": "dejavusans",
        "axes.prop_cycle": cycler(color=list(COLORS.values())[:8]) + cycler(linewidth=[2.0] * 8),
        "figure.constrained_layout.w_pad": 0.08,
        "figure.constrained_layout.h_pad": 0.08,
        "svg.hashsalt": "tinyad",  # the same ids in every run
        "svg.fonttype": "path",
    }
)


def style() -> Any:
    """Return a context in which matplotlib draws in the course's style."""
    settings: Any = dict(STYLE)
    return matplotlib.rc_context(settings)


def figure(
    rows: int = 1, columns: int = 1, width: float = 7.0, height: float | None = None
) -> tuple[Figure, Any]:
    """Return (figure, axes) in the course's style, without any of pyplot's hidden state.

    `width` and `height` are inches, 96 pixels each on screen; without a height each row of axes
    gets 3 inches. As in `plt.subplots`, axes are one Axes, or an array of them for several.

    >>> fig, ax = figure()
    >>> ax.get_xscale()
    'linear'
    >>> fig, axes = figure(columns=2, width=8)
    >>> axes.shape
    (2,)
    """
    with style():
        drawn = Figure(figsize=(width, height or 3.0 * rows), layout="constrained")
        return drawn, drawn.subplots(rows, columns)


def show(figure: Figure | Picture, *, alt: str, caption: str) -> None:
    """Display a figure, or the picture of a graph, as a PNG, and its caption as text below it.

    `alt` says in a sentence or two what a reader who cannot see the picture needs to know; it
    travels with the picture. Raises ArgumentError if either text is missing.

    >>> fig, ax = figure()
    >>> show(fig, alt="", caption="A line.")
    Traceback (most recent call last):
    ...
    tinyad.errors.ArgumentError: The figure has no alt.
    ...
    """
    if not isinstance(figure, Figure | Picture):
        raise ArgumentError(
            f"{figure!r:.60} is not a figure.",
            "Pass the first of the two things that figure() returns: fig, ax = figure().",
        )
    for name, text in (("alt", alt), ("caption", caption)):
        check_text(text, name)
    if isinstance(figure, Picture):
        image = figure.png()
        metadata = dict(zip(("width", "height"), figure.size, strict=True)) | {"alt": alt}
    else:
        for axes in figure.axes:
            _finish(axes)
        image, metadata = png(figure), picture_metadata(figure, alt)
    display(  # type: ignore[no-untyped-call]
        {"image/png": encoded(image), "text/plain": f"Figure: {caption}"},
        metadata={"image/png": metadata},
        raw=True,
    )
    paragraph = f"<p><em>{html.escape(caption, quote=False)}</em></p>"
    words = {"text/html": paragraph, "text/plain": caption}
    display(words, raw=True)  # type: ignore[no-untyped-call]


def check_text(text: object, name: str) -> None:
    """Raise unless this is text that says something."""
    if not isinstance(text, str) or not text.strip():
        raise ArgumentError(
            f"The figure has no {name}.",
            'Say in a sentence what it shows: show(fig, alt="...", caption="...").',
        )


def png(figure: Figure) -> bytes:
    """Return the figure as a PNG: the same bytes each time, and few of them."""
    drawn = io.BytesIO()
    with style():
        figure.savefig(drawn, format="png", dpi=DOTS_PER_INCH * SHARPNESS)
    # Line art needs few colors: a palette of them makes the file about a third as large.
    small = (
        Image.open(drawn)
        .convert("RGB")
        .quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    )
    written = io.BytesIO()
    small.save(written, format="png", optimize=True)
    return written.getvalue()


def encoded(data: bytes) -> str:
    """Return bytes as notebooks store them."""
    return base64.b64encode(data).decode("ascii")


def picture_metadata(figure: Figure, alt: str) -> dict[str, Any]:
    """Return what a notebook stores beside a PNG: its description and its size on screen."""
    width, height = (round(float(inches) * DOTS_PER_INCH) for inches in figure.get_size_inches())
    return {"alt": alt, "width": width, "height": height}


def _finish(axes: Axes) -> None:
    # Titles and legends take their style when they are made, which is outside of style().
    title = axes.get_title("left") or axes.get_title("center")
    axes.set_title("", loc="center")
    axes.set_title(title, loc="left", fontsize=LARGE)
    legend = axes.get_legend()
    if legend is not None:
        legend.set_frame_on(False)
        for text in legend.get_texts():
            text.set_fontsize(SMALL)
