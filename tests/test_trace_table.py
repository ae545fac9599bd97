"""Tables and graphs of traces: aligned text, sound HTML and LaTeX, folds that tell themselves."""

import io
import re
import unicodedata
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.mathtext import MathTextParser

import tinyad as ad
from tinyad.picture import Picture
from tinyad.views.trace.notation import BAR, DOT, Notation


def f(x1, x2):
    a = np.log(x1) + x1 * x2
    return a - np.sin(x2)


def long(x, y):
    for _ in range(250):
        x = np.sin(x) * y + np.exp(-x)
    return x


FULL = ad.trace(f, 2, 5).forward(1, 0).reverse()


class Cells(HTMLParser):
    """Collects the cells of each row, and checks that tags close in order."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.open, self.widths = [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
            self.widths.append(0)
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.widths[-1] += int(dict(attributes).get("colspan", 1))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.rows[-1][-1] += data


def width(text):
    return sum(not unicodedata.combining(c) for c in text)


@pytest.mark.parametrize("trace", [FULL, ad.trace(f, 2, 5), ad.trace(long, 0.5, 0.9).reverse()])
def test_columns_of_the_text_are_aligned(trace):
    lines = [line for line in repr(trace).splitlines() if not line.startswith("⋮")]
    places = [[width(line[: m.start()]) for m in re.finditer("[│┼]", line)] for line in lines]
    assert all(place == places[0] for place in places)
    assert places[0]


def test_html_is_sound_and_shows_what_the_text_shows():
    cells = Cells(FULL._repr_html_())
    assert set(cells.widths) == {8}
    assert len(cells.rows) == 1 + len(FULL.rows)
    assert cells.rows[1][:4] == ["v₋₁ = x₁", "2", "v̇₋₁ = ẋ₁", "1"]
    assert cells.rows[4][4:7] == ["87", "v̄₀ += v̄₂ × v₋₁v̄₋₁ = v̄₂ × v₀", "1.71633781453677385"]
    text = "".join(repr(FULL).split())
    assert all("".join(cell.split()) in text for row in cells.rows for cell in row[:4])


def test_html_escapes_what_comes_from_outside():
    trace = ad.trace(lambda w: w["<b>"] * 1 if w["<b>"] < 3 else 0.0, {"<b>": 2.0})
    html = trace._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    Cells(html)


def test_html_takes_its_colors_from_the_theme_or_the_page():
    style = FULL._repr_html_().split("</style>")[0]
    assert "color: var(--jp-content-font-color1, inherit)" in style
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", style)  # no color that only one theme can show


def test_cells_are_aligned_where_the_style_element_is_dropped():
    body = FULL._repr_html_().split("</style>")[1]
    cells = re.findall(r"<t[dh][^>]*>", body)
    assert len(cells) == 4 + 7 * len(FULL.rows) + len(FULL.rows)
    assert all('style="text-align: left; vertical-align: top;' in cell for cell in cells)
    ruled = [cell for cell in cells if "border-left" in cell]
    assert ruled == [cell for cell in cells if 'class="first' in cell]


def test_steps_of_the_table_appear_one_by_one():
    table, seen = FULL.table(), []
    rows, statements = len(FULL.rows), len(FULL.adjoint_rows)
    for done in range(1, rows + statements + 1):
        html = table.html(steps=done)
        later = html.count('class="later"')
        seen.append(later)
        lit = re.findall(r'<div class="now">([^<]*)</div>', html)
        expected = (
            FULL.rows[done - 1].name if done <= rows else FULL.adjoint_rows[done - rows - 1].name
        )
        assert any(text.startswith(expected) for text in lit)
    assert sorted(seen, reverse=True) == seen
    assert (seen[-1], len(set(seen))) == (0, len(seen))
    # what has not been done keeps its place
    strip = re.compile(r' class="(now|later)"| style="[^"]*"')
    assert strip.sub("", table.html(steps=1)) == strip.sub("", table.html())


def test_latex_has_the_same_columns_in_every_line_and_can_be_typeset():
    body = FULL.latex(digits=4).splitlines()
    assert body[0] == r"\begin{array}{ll|ll|lll}"
    assert body[-1] == r"\end{array}"
    parser = MathTextParser("path")
    for line in body[2:-1]:
        cells = line.removesuffix(r" \\").split(" & ")
        assert len(cells) == 7
        for cell in cells:
            if cell.strip():
                parser.parse(f"${cell.replace('left(', 'left (')}$")
    text = "\n".join(body)
    for formula in (
        r"\dot{v}_{1} = \frac{\dot{v}_{-1}}{v_{-1}} & 0.5",
        r"\bar{v}_{0} \;{+}{=}\; \bar{v}_{2} \times v_{-1} & 1.716",
        r"\bar{x}_{1} = \bar{v}_{-1} & 5.5",
        r"y = v_{5} & 11.65",
    ):
        assert formula in text


def test_latex_of_numbers_and_arrays():
    tex = Notation(tex=True)
    assert tex.number(1.5e-07) == r"1.5\cdot 10^{-7}"
    assert tex.number(2e22) == r"2\cdot 10^{22}"
    assert (tex.number(float("nan")), tex.number(-np.inf)) == (r"\mathrm{NaN}", r"-\infty")
    assert tex.value(np.array([1.0, 2.0])) == r"\text{(2,): [1, 2]}"
    assert tex.name("under_score") == r"\mathtt{under\_score}"


def test_names():
    plain = Notation()
    assert plain.name("v-1", DOT) == "v̇₋₁"
    assert unicodedata.normalize("NFD", plain.name("y", BAR)) == "y\u0304"
    assert plain.name("x10") == plain.name("x_10") == "x₁₀"
    assert plain.name("rate") == "rate"


def test_numbers_are_shown_in_full_unless_digits_are_given():
    plain = Notation()
    for value in (0.1, 1 / 3, 1e-300, -2.5e17, 5e-324, np.float64(0.1)):
        assert float(plain.value(value)) == value
    assert (plain.value(2.0), plain.value(np.float32(0.1)), plain.value(True)) == (
        "2",
        "0.1",
        "True",
    )
    assert Notation(digits=3).value(1 / 3) == "0.333"
    # in a formula a constant is short, and says so
    assert (plain.constant(0.5), plain.constant(-2.0), plain.constant(np.pi)) == (
        *("0.5", "−2", "3.14159…"),
    )


def test_long_traces_fold_and_say_what_is_hidden():
    trace = ad.trace(long, 0.5, 0.9).forward(1, 0).reverse()
    assert len(trace.rows) == 1253
    for text in (repr(trace), trace._repr_html_()):
        (fold,) = re.findall(
            r"⋮ (\d+) more rows, (\S+) to (\S+): .table\(rows=slice\((\d+), (\d+)\)\)", text
        )
        start, stop = int(fold[3]), int(fold[4])
        assert int(fold[0]) == stop - start == 1253 - 40
        hidden = repr(trace.table(rows=slice(start, stop)))
        assert f"{fold[1]} = " in hidden
        assert f"\n{fold[1]} = " not in text
        shown = [r.name for r in trace.rows if f"{r.name} = " in text and r.op != "output"]
        assert trace.rows[0].name in shown
        assert trace.rows[-2].name in shown
    assert r"\vdots" in trace.latex()
    everything = repr(trace.table(rows=slice(None)))
    assert all(f"\n{row.name} = " in everything for row in trace.rows)


def test_a_line_that_goes_on_is_named_once():
    text = repr(ad.trace(f, 2, 5))
    assert text.count("a = np.log(x1) + x1 * x2") == 1
    assert text.count("return a - np.sin(x2)") == 1
    assert "(tinyad)" in repr(ad.trace(ad.grad(f), 2.0, 5.0))


def test_tables_are_the_same_every_time():
    again = ad.trace(f, 2, 5).forward(1, 0).reverse()
    assert repr(again) == repr(FULL)
    assert again._repr_html_() == FULL._repr_html_()


@pytest.mark.parametrize(
    ("program", "args", "formula"),
    [
        (lambda x, y: (x + y) * (x - y), (1, 2), "v₃ = v₁ × v₂"),
        (lambda x: x**3, (2,), "v₁ = v₀³"),
        (lambda x: x**-1, (2,), "v₁ = v₀⁻¹"),
        (lambda x: 2.0**x, (2,), "v₁ = 2^v₀"),
        (lambda x: -x * -3.0, (2,), "v₂ = v₁ × (−3)"),
        (lambda x: np.sqrt(np.abs(x)), (2,), "v₂ = √v₁"),
        (lambda x: np.abs(x), (2,), "v₁ = |v₀|"),
        (lambda x: np.maximum(x, 0), (2,), "v₁ = maximum(v₀, 0)"),
        (lambda x: x / np.pi, (2,), "v₁ = v₀ / 3.14159…"),
        (lambda x: np.sum(x, axis=0), (np.ones((2, 2)),), "v₁ = sum(v₀, axis=0)"),
        (lambda x: np.sum(x), (np.ones((2, 2)),), "v₁ = sum(v₀)"),
        (lambda x: x.T, (np.ones((2, 3)),), "v₁ = v₀ᵀ"),
        (lambda x: x[0, 1:], (np.ones((2, 3)),), "v₁ = v₀[0, 1:]"),
        (
            lambda x: np.concatenate([x, x], axis=1),
            (np.ones((1, 2)),),
            "concatenate([v₀, v₀], axis=1)",
        ),
        (lambda x: np.einsum("i,i->", x, x), (np.ones(2),), "v₁ = einsum('i,i->', v₀, v₀)"),
        (lambda x: np.linalg.norm(x), (np.ones(2),), "v₁ = norm(v₀)"),
        (lambda x: ad.stop_gradient(x), (2,), "v₁ = stop_gradient(v₀)"),
        (lambda x: x * np.array([1, 2]), (2,), "v₁ = v₀ × [1, 2]"),
        (lambda x: x * np.ones((3, 3)), (2,), "v₁ = v₀ × array(3, 3)"),
    ],
)
def test_operations_are_written_as_in_a_book(program, args, formula):
    trace = ad.trace(program, *args)
    assert formula in repr(trace)
    trace.latex()


def test_long_formulas_are_written_as_partial_derivatives():
    trace = ad.trace(lambda x, y: x**y, 2, 3).forward(1, 0).reverse()
    assert "v̄₋₁ = v̄₁ × ∂v₁/∂v₋₁" in repr(trace)
    assert r"\bar{v}_{1} \times \frac{\partial v_{1}}{\partial v_{-1}}" in trace.latex()


# The graph


def test_graph_has_values_adjoints_and_local_partials():
    picture = FULL.graph()
    assert isinstance(picture, Picture)
    nodes = {node.label: node for node in picture.nodes}
    assert nodes["v₋₁ = x₁"].kind == "input"
    assert nodes["v₋₁ = x₁"].lines == ("2", "v̇₋₁ = 1", "v̄₋₁ = 5.5")
    last = nodes["v₅ = v₃ − v₄"]
    assert (last.kind, last.lines) == ("output", ("y = 11.652", "v̇₅ = 5.5", "v̄₅ = 1"))
    edges = {(e.source, e.target): e.label for e in picture.edges}
    assert edges == {
        (0, 2): "0.5", (0, 3): "5", (1, 3): "2", (2, 4): "1", (3, 4): "1", (1, 5): "0.28366",
        (4, 6): "1", (5, 6): "-1",
    }  # fmt: skip


def test_sum_over_paths_of_the_graph_is_the_gradient():
    picture = ad.trace(long, 0.5, 0.9).graph()
    assert "fold" in {node.kind for node in picture.nodes}
    small = ad.trace(lambda x, y: (x * x * y) / (np.exp(x) + y), 1.5, 0.5)
    picture, slopes = small.graph(), {}
    for node in sorted(picture.nodes, key=lambda n: -n.key):
        arriving = [e for e in picture.edges if e.source == node.key]
        slopes[node.key] = sum(
            slopes[e.target] * sum(map(float, e.label.split(" + "))) for e in arriving
        ) if arriving else 1.0  # fmt: skip
    assert (slopes[0], slopes[1]) == pytest.approx(small.reverse().gradient, rel=1e-4)


def test_graph_of_arrays_can_be_drawn():
    trace = ad.trace(lambda w, x: np.sum(np.tanh(w @ x)), np.ones((2, 3)), np.ones(3)).reverse()
    svg = trace.graph().svg()
    assert "(2, 3): all 1" in svg
    from PIL import Image

    assert Image.open(io.BytesIO(trace.graph().png())).size[0] > 100
