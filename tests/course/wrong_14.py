"""Plausible wrong answers to the tasks of exercise 14."""

from __future__ import annotations

from wrong import Wrong


def _regions(letters: str) -> str:
    words = {"r": "red", "y": "yellow", "g": "green"}
    return f"def gamma_regions():\n    return {[words[letter] for letter in letters]}"


def _edges(below: str, above: str) -> str:
    return f"def yellow_edges(p):\n    gap = 2.0 ** (3 - p)\n    return {below}, {above}"


def _guard(bottom: str, sign: str = "np.where(g >= 0, 1.0, -1.0)") -> str:
    return (
        "def guarded_quotient(f, g, eps, delta):\n"
        f"    s, near = {sign}, np.abs(g) < delta\n"
        f"    return f / {bottom}"
    )


def _test(result: str) -> str:
    return (
        "def mended(values, gammas):\n"
        "    there = np.isfinite(values)\n"
        "    errors = np.abs((values - 4) - gammas)\n"
        f"    return {result}"
    )


def _hole(result: str) -> str:
    return (
        "def widest_hole(a, side):\n"
        "    half = abs(np.nextafter(a, side * np.inf) - a) / 2\n"
        f"    return {result}"
    )


_NEAR = "np.where(near, g + s * eps, g)"
_BOUND = "1e-5 * np.abs(gammas)"

WRONG = [
    Wrong("gamma_regions", _regions("rryyyy"), "The last two γ differ in their sign"),
    Wrong("gamma_regions", _regions("rrryyg"), "The second and the third γ"),
    Wrong("gamma_regions", _regions("rryygg"), "The last two γ differ in their sign"),
    Wrong("gamma_regions", _regions("ryryyg"), "Two sides are mixed up"),
    Wrong("gamma_regions", _regions("rryygy"), "Two sides are mixed up"),
    Wrong("gamma_regions", _regions("yyyyyg"), "The first γ is not where it belongs"),
    Wrong("gamma_regions", _regions("rryggg"), "The fourth γ is not where it belongs"),
    Wrong("gamma_regions", _regions("rry"), "6 words", "cannot run"),
    Wrong(
        "gamma_regions",
        "def gamma_regions():\n    return ['r', 'r', 'y', 'y', 'y', 'g']",
        "Each word is one of",
        "cannot run",
    ),
    Wrong("yellow_edges", _edges("np.sqrt(gap / 2)", "np.sqrt(gap / 4)"), "exchanged"),
    Wrong("yellow_edges", _edges("np.sqrt(gap / 2)", "np.sqrt(gap / 2)"), "equally wide"),
    Wrong("yellow_edges", _edges("np.sqrt(gap / 4)", "np.sqrt(gap / 4)"), "equally wide"),
    Wrong("yellow_edges", _edges("np.sqrt(gap / 2)", "np.sqrt(gap)"), "a whole gap"),
    Wrong("yellow_edges", _edges("gap / 4", "gap / 2"), "the size of g² at the edge"),
    Wrong("yellow_edges", _edges("gap / 8", "gap / 4"), "red ends"),
    Wrong("yellow_edges", _edges("-np.sqrt(gap / 4)", "np.sqrt(gap / 2)"), "A size is positive"),
    Wrong("yellow_edges", _edges("2.0**-26", "2.0**-25.5"), "in float16"),
    Wrong("guarded_quotient", _guard(_NEAR, "np.sign(g)"), "Which sign does your S give to 0"),
    Wrong("guarded_quotient", _guard("np.where(near, g + eps, g)"), "whatever the sign of g"),
    Wrong("guarded_quotient", _guard("(g + s * eps)"), "added everywhere"),
    Wrong(
        "guarded_quotient",
        _guard("np.where(g < delta, g + s * eps, g)"),
        "its distance from 0",
    ),
    Wrong("guarded_quotient", _guard("np.where(near, s * eps, g)"), "replaces g by ε"),
    Wrong("guarded_quotient", _guard(_NEAR, "np.where(g > 0, 1.0, -1.0)"), "+1"),
    Wrong("guarded_quotient", _guard(_NEAR, "np.copysign(1.0, g)"), "sign bit"),
    Wrong(
        "guarded_quotient",
        "def guarded_quotient(f, g, eps, delta):\n"
        "    g[np.abs(g) < delta] += eps * np.where(g[np.abs(g) < delta] >= 0, 1, -1)\n"
        "    return f / g",
        "g is not what it was",
    ),
    Wrong("honest_test", "mended = looks_right", "a tiny γ cannot be seen"),
    Wrong(
        "honest_test", _test("np.allclose(values, 4 + gammas, atol=0)"), "beside the whole value"
    ),
    Wrong("honest_test", _test("np.allclose(values - 4, gammas)"), "tolerance is absolute"),
    Wrong(
        "honest_test",
        _test("np.allclose((values - 4)[there], gammas[there], atol=0)"),
        "nobody looks at them",
    ),
    Wrong("honest_test", _test("np.all(errors <= 1e-5 * gammas)"), "is negative here"),
    Wrong("honest_test", _test(f"np.all(errors < {_BOUND})"), "no error is smaller than that"),
    Wrong("honest_test", _test(f"np.any(errors <= {_BOUND})"), "One right value is enough"),
    Wrong("honest_test", _test("np.array_equal(values, 4 + gammas)"), "every bit"),
    Wrong("honest_test", _test(f"errors <= {_BOUND}"), "True or False is needed", "cannot run"),
    Wrong("widest_hole", _hole("2 * half"), "whole gap"),
    Wrong("widest_hole", _hole("half"), "where a wins the tie"),
    Wrong("widest_hole", _hole("np.nextafter(half, 0.0)"), "where a loses the tie"),
    Wrong("widest_hole", _hole("2.0**-52 if side > 0 else 2.0**-53"), "This is so for 2"),
    Wrong(
        "widest_hole",
        "def widest_hole(a, side):\n"
        "    half = np.spacing(a) / 2\n"
        "    return half if a + half == a else np.nextafter(half, 0.0)",
        "Below a power of two the gap is narrower",
    ),
]
