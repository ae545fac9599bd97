"""(x² − 4)/(x − 2) near 2, against exact rational arithmetic: the regions, and Figures 1 to 5."""

import math
from fractions import Fraction

import numpy as np
import pytest
from grid import (
    GAMMAS,
    RED_ABOVE,
    RED_BELOW,
    REGIONS,
    YELLOW_ABOVE,
    YELLOW_BELOW,
    S,
    X,
    h,
    h1,
    h2,
    region,
)

G = X - 2
RED, YELLOW, GREEN = (name == REGIONS for name in ("red", "yellow", "green"))
TRUTH = 4 + GAMMAS


def quiet(f, *args):
    with np.errstate(invalid="ignore"):
        return f(*args)


def outward(gamma, steps=1):
    for _ in range(steps):
        gamma = math.nextafter(gamma, math.copysign(1.0, gamma))
    return gamma


# --- the three regions


def test_the_subtraction_of_two_is_exact():
    assert all(Fraction(g) == Fraction(x) - 2 for g, x in zip(G, X, strict=True))


def test_the_square_is_the_rounded_true_square():
    sample = slice(None, None, 7)
    assert all(float(Fraction(x) ** 2) == x**2 for x in X[sample])


@pytest.mark.parametrize("edge", [RED_BELOW, RED_ABOVE])
def test_red_ends_at_half_a_spacing_which_is_red_itself(edge):
    assert region(edge) == "red"
    assert region(outward(edge)) == "yellow"


def test_yellow_ends_where_g_squared_is_half_an_ulp_of_the_square():
    assert region(YELLOW_BELOW) == "yellow"  # −2^-26 is a float64, and a tie
    assert region(YELLOW_BELOW - 2.0**-52) == "green"
    # 2^-25.5 lies between two numbers g = x − 2, which are multiples of 2^-51
    below = math.floor(2.0**51 * YELLOW_ABOVE) * 2.0**-51
    assert Fraction(below) ** 2 < Fraction(1, 2**51) < Fraction(below + 2.0**-51) ** 2
    assert region(below) == "yellow"
    assert region(below + 2.0**-51) == "green"


@pytest.mark.parametrize(
    ("edge", "is_red"),
    [(RED_BELOW, True), (RED_ABOVE, True), (YELLOW_BELOW, False), (YELLOW_ABOVE, False)],
)
def test_regions_have_no_holes(edge, is_red):
    inside, outside = ("red", "yellow") if is_red else ("yellow", "green")
    for factor in (1 - 1e-6, 0.9, 0.6):
        assert region(edge * factor) == inside
    for factor in (1 + 1e-6, 1.1, 1.6):
        assert region(edge * factor) == outside


@pytest.mark.parametrize(("kind", "p"), [(np.float16, 11), (np.float32, 24)])
@pytest.mark.parametrize("side", [1, -1])
def test_edges_of_other_precisions(kind, p, side):
    red = 2.0 ** (1 - p) if side > 0 else 2.0**-p
    yellow = 2.0 ** (-(p - 2) / 2) if side > 0 else 2.0 ** (-(p - 1) / 2)
    two, four = kind(2), kind(4)

    def name(size):
        x = two + kind(side * size)
        g = x - two
        if g == 0:
            return "red"
        return "yellow" if x * x == four + four * g else "green"

    spacing = float(np.spacing(two)) / (1 if side > 0 else 2)
    assert name(red) == "red"
    assert name(2 * spacing) == "yellow"
    last = math.floor(yellow / spacing) * spacing  # the last x − 2 up to there
    assert [name(last), name(last + spacing)] == ["yellow", "green"]


def test_edges_as_they_are_printed():
    edges = [RED_ABOVE, -RED_BELOW, YELLOW_ABOVE, -YELLOW_BELOW]
    assert np.allclose(edges, [2.2204e-16, 1.1102e-16, 2.10734e-8, 1.49012e-8], rtol=3e-5, atol=0)


def test_counts_by_region():
    counts = {
        side: [int(np.sum(chosen & (np.sign(GAMMAS) == side))) for chosen in (RED, YELLOW, GREEN)]
        for side in (-1, 1)
    }
    assert counts == {-1: [405, 813, 783], 1: [435, 798, 768]}
    assert len(GAMMAS) == 4003


def test_red_is_nan_and_nothing_else_is():
    values = quiet(h, X)
    assert np.array_equal(np.isnan(values), RED)
    assert np.isnan(values).sum() == 841
    assert not np.isinf(values).any()


@pytest.mark.parametrize(
    ("points", "above", "below"), [(201, 44, 41), (401, 87, 81), (1001, 218, 203)]
)
def test_nan_counts_of_other_grids(points, above, below):
    sizes = 10.0 ** np.linspace(-20, 0, points)
    found = [int(np.isnan(quiet(h, 2 + side * sizes)).sum()) for side in (1, -1)]
    assert found == [above, below]


def test_nothing_underflows():
    smallest = np.abs(G[~RED]).min() ** 2
    assert smallest == 2.0**-104 == pytest.approx(4.9e-32, rel=0.01)
    assert smallest > 1e270 * np.finfo(float).tiny


def test_green_keeps_a_whole_number_of_units_of_g_squared():
    near = GREEN & (np.abs(GAMMAS) < 0.4)  # x² is between 2 and 8
    alphas = []
    for g, x in zip(G[near], X[near], strict=True):
        square = Fraction(g) ** 2
        s = square * 2 ** (50 if g > 0 else 51)
        kept = Fraction(x * x) - 4 - 4 * Fraction(g)
        assert kept == round(s) * square / s
        alphas.append(float(kept / square))
    assert min(alphas) == pytest.approx(0.672, abs=5e-4)
    assert max(alphas) == pytest.approx(1.943, abs=5e-4)


def test_the_quotient_adds_no_error_of_its_own():
    away = ~RED
    kept = np.array([(Fraction(x * x) - 4) / Fraction(x - 2) for x in X[away]])
    assert np.abs(h(X[away]) - kept.astype(float)).max() <= np.spacing(4.0)


def test_powers_of_two_hide_the_zig_zag():
    sizes = 2.0 ** np.arange(-25, 0)
    assert np.array_equal(h(2 + sizes), 4 + sizes)
    assert np.array_equal(h(2 - sizes), 4 - sizes)


# --- Figures 1 and 2


def test_figure_1_yellow_is_four_and_the_rest_is_right_to_the_eye():
    values = quiet(h, X)
    assert YELLOW.sum() == 1611
    assert set(values[YELLOW]) == {4.0}
    errors = np.abs(values - TRUTH)[~RED]
    assert errors.max() == pytest.approx(2.09e-8, rel=5e-3)
    assert (errors / TRUTH[~RED]).max() == pytest.approx(5.2e-9, rel=0.01)


def test_figure_2_green_has_slope_one_and_a_zig_zag_at_its_edge():
    rises = quiet(h, X) - 4
    assert set(rises[YELLOW]) == {0.0}
    ratio = rises[GREEN] / GAMMAS[GREEN]
    sizes = np.abs(GAMMAS[GREEN])
    edge = sizes < 1e-7
    assert sizes[edge].min() > 1.5e-8
    assert ratio[edge].min() < 0.7 < 1.9 < ratio[edge].max()
    assert np.abs(ratio[(sizes > 2e-7) & (sizes < 1e-3)] - 1).max() < 0.012
    assert np.any(np.diff(rises[GREEN & (GAMMAS > 0) & (GAMMAS < 1e-7)]) < 0)


# --- Figures 3 and 4


def test_figure_3_epsilon_replaces_nan_by_zero():
    values = h1(X)
    assert np.isfinite(values).all()
    assert np.all(values[RED] == 0.0)
    assert np.abs(values - TRUTH).max() == 4.0
    assert h1(2 + 1e-8) == pytest.approx(2, abs=1e-7)
    assert h1(2 - 1e-8) == pytest.approx(2, abs=1e-7)
    rising = (GAMMAS > 0) & (GAMMAS < 0.9e-4) & ~RED
    assert np.all(np.diff(values[rising & YELLOW]) >= 0)
    assert np.all(np.abs(values[(np.abs(GAMMAS) > 1e-6) & (np.abs(GAMMAS) < 1e-3)] - 4) < 0.041)


def test_figure_3_is_the_quotient_of_what_is_left():
    inside = ~RED & (np.abs(GAMMAS) < 0.9e-4)
    kept = np.array([Fraction(x * x) - 4 for x in X[inside]])
    bottom = np.array([Fraction(g) + Fraction(math.copysign(1e-8, g)) for g in G[inside]])
    assert np.abs(h1(X[inside]) - (kept / bottom).astype(float)).max() < 1e-15


@pytest.mark.parametrize("eps", [1e-4, 1e-8, 1e-12, 1e-16, 1e-18, 1e-300])
def test_no_epsilon_is_small_enough(eps):
    assert np.abs(h1(X, eps) - TRUTH).max() == 4.0


@pytest.mark.parametrize(
    ("side", "inside", "outside", "jump"),
    [(1, 3.99970003, 4.0001, -3.9997e-4), (-1, 3.99950005, 3.9999, -3.9995e-4)],
)
def test_figure_4_jumps_at_delta(side, inside, outside, jump):
    before, after = (h1(2 + side * 1e-4 * (1 + nudge)) for nudge in (-1e-9, 1e-9))
    assert before == pytest.approx(inside, abs=5e-9)
    assert after == pytest.approx(outside, abs=5e-9)
    assert before - after == pytest.approx(jump, abs=1e-9)
    assert before - after == pytest.approx(-4.0e-4, abs=1e-7)


def test_figure_4_is_a_line_beyond_delta():
    beyond = np.abs(GAMMAS) > 1.01e-4
    assert np.array_equal(h1(X[beyond]), h(X[beyond]))
    assert np.abs((h1(X[beyond]) - 4) / GAMMAS[beyond] - 1).max() < 1e-7


# --- Figure 5


def test_figure_5_is_straight_and_without_a_jump():
    values = h2(X)
    assert np.all(values[RED] == 0.0)
    inside = np.abs(GAMMAS) < 0.99e-4
    size = np.abs(GAMMAS[inside & YELLOW])
    # 4|g|/ε; γ and g are equal up to half a spacing
    assert np.abs(values[inside & YELLOW] - 4e4 * size).max() < 4e4 * 2.0**-52
    assert h2(2 + 5e-5) == pytest.approx(2.000025, abs=1e-10)
    assert h2(2 - 5e-5) == pytest.approx(1.999975, abs=1e-10)
    for side, height in ((1, 4.0001), (-1, 3.9999)):
        for nudge in (-1e-9, 1e-9):
            assert h2(2 + side * 1e-4 * (1 + nudge)) == pytest.approx(height, abs=2e-8)


# --- the sign


def test_signs_that_are_zero_at_zero_bring_the_nan_back():
    two = np.float64(2.0)
    assert S(0.0) == 1.0
    with np.errstate(invalid="ignore"):
        assert np.isnan((two**2 - 4) / (two - 2 + np.sign(two - 2) * 1e-8))
    assert math.copysign(1.0, (two**2 - 4) / (two - 2 - 1e-8)) == -1.0  # S(0) = −1 gives −0.0


def test_without_a_sign_the_pole_moves_to_minus_epsilon():
    x = np.float64(2 - 2.0**-27)
    with np.errstate(divide="ignore"):
        assert (x**2 - 4) / (x - 2 + 2.0**-27) == -np.inf
