"""The figure style: colors that stay apart for every reader, small and described pictures."""

import base64
import io
import itertools
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

from tinyad.errors import ArgumentError
from tinyad.explore import BANDS, COLORS, figure, show
from tinyad.explore.style import PAPER, png
from tinyad.picture import Picture as Graph
from tinyad.picture import PictureEdge, PictureNode

# Machado, Oliveira and Fernandes, 2009: what a reader without one kind of cone sees (linear RGB).
VISION = {
    "full": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(color):
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    xyz = TO_XYZ @ np.clip(rgb, 0, 1) / WHITE
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
def test_colors_stay_apart(vision):
    seen = {name: lab(np.array(VISION[vision]) @ linear(c)) for name, c in COLORS.items()}
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 20, (one, other)


@pytest.mark.parametrize("name", COLORS)
def test_colors_stand_out_from_the_paper(name):
    # WCAG 2.1 asks for a contrast of 3:1 between graphical objects and what is next to them
    luminance = [float(TO_XYZ[1] @ linear(color)) for color in (PAPER, COLORS[name])]
    assert (luminance[0] + 0.05) / (luminance[1] + 0.05) >= 3.0


@pytest.mark.parametrize("name", BANDS)
def test_colors_stand_out_from_their_bands_and_black_from_all(name):
    for color in (COLORS[name], COLORS["black"]):
        luminance = [float(TO_XYZ[1] @ linear(one)) for one in (BANDS[name], color)]
        assert (luminance[0] + 0.05) / (luminance[1] + 0.05) >= 3.0


def test_colors_cannot_be_changed():
    with pytest.raises(TypeError):
        COLORS["blue"] = "#000000"


def parabola():
    fig, ax = figure()
    x = np.linspace(-1, 1, 101)
    ax.plot(x, x**2, label="f")
    ax.set_title("A parabola")
    ax.legend()
    return fig


def shown(**texts):
    InteractiveShell.instance()
    with capture_output() as captured:
        show(parabola(), **texts)
    return captured.outputs


def test_show_gives_a_described_picture_and_a_visible_caption():
    picture, caption = shown(alt="A curve that opens upward.", caption="x² on [−1, 1] & more.")
    assert picture.data["text/plain"] == "Figure: x² on [−1, 1] & more."
    assert picture.metadata["image/png"]["alt"] == "A curve that opens upward."
    assert caption.data["text/plain"] == "x² on [−1, 1] & more."
    assert "<em>x² on [−1, 1] &amp; more.</em>" in caption.data["text/html"]


def test_picture_is_small_sharp_opaque_and_as_wide_as_it_says():
    picture, _ = shown(alt="A curve.", caption="A curve.")
    data = base64.b64decode(picture.data["image/png"])
    assert len(data) < 40_000
    image = Image.open(io.BytesIO(data))
    size = picture.metadata["image/png"]
    assert size["width"] == 7 * 96
    assert image.width == pytest.approx(1.5 * size["width"], abs=1)
    assert image.height == pytest.approx(1.5 * size["height"], abs=1)
    pixels = image.convert("RGBA")
    assert pixels.getextrema()[3] == (255, 255)
    assert pixels.getpixel((0, 0)) == (255, 255, 255, 255)


def test_graphs_are_shown_like_figures():
    nodes = [PictureNode("x", "x", ("2",), "input"), PictureNode("y", "y = 3x", ("6",))]
    graph = Graph(nodes, [PictureEdge("x", "y", "3")])
    InteractiveShell.instance()
    with capture_output() as captured:
        show(graph, alt="An arrow from x to y.", caption="Two nodes.")
    picture, caption = captured.outputs
    assert base64.b64decode(picture.data["image/png"]) == graph.png()
    assert picture.data["text/plain"] == "Figure: Two nodes."
    size = picture.metadata["image/png"]
    assert (size["width"], size["height"], size["alt"]) == (*graph.size, "An arrow from x to y.")
    assert caption.data["text/plain"] == "Two nodes."


def test_png_keeps_the_colors_of_the_palette():
    fig, ax = figure(height=2)
    for place, color in enumerate(COLORS.values()):
        ax.axvspan(place, place + 1, color=color)
    pixels = np.array(Image.open(io.BytesIO(png(fig))).convert("RGB")).reshape(-1, 3).astype(int)
    for color in COLORS.values():
        wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        assert np.abs(pixels - wanted).max(axis=1).min() <= 2


def test_png_is_the_same_each_time():
    assert png(parabola()) == png(parabola())


@pytest.mark.parametrize("missing", ["", "  \n", None, 3])
@pytest.mark.parametrize("name", ["alt", "caption"])
def test_show_refuses_a_figure_without_words(name, missing):
    texts = {"alt": "A curve.", "caption": "A curve.", name: missing}
    with pytest.raises(ArgumentError, match=f"(?s)The figure has no {name}.*Remedy"):
        show(parabola(), **texts)


def test_show_refuses_what_is_no_figure():
    _, ax = figure()
    with pytest.raises(ArgumentError, match=r"(?s)is not a figure.*fig, ax = figure\(\)"):
        show(ax, alt="A curve.", caption="A curve.")


def test_titles_stand_left_and_legends_have_no_frame():
    fig = parabola()
    InteractiveShell.instance()
    with capture_output():
        show(fig, alt="A curve.", caption="A curve.")
    (ax,) = fig.axes
    assert ax.get_title("left") == "A parabola"
    assert ax.get_title("center") == ""
    assert not ax.get_legend().get_frame_on()


def test_figures_have_no_hidden_state():
    before = dict(matplotlib.rcParams)
    png(parabola())
    assert dict(matplotlib.rcParams) == before
    code = "import sys, tinyad; tinyad.explore; print('matplotlib.pyplot' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "False"
