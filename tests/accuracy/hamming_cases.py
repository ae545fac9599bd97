"""Where digits die and where they only seem to: programs, points, and the operation to blame.

Labels were written by reading the programs, by the rule of diagnosis (see hamming_truth.py), and
test_hamming_labels.py holds each against mpmath: what is wrong, how wrong, and whose fault it is.
`"subtract"` is the first subtraction in order of execution, `"subtract 2"` the second; several
names mean that the rule cannot tell them apart there, and `why` says so. For programs with a loop
the operation counts at any of its turns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hamming_programs as p
import numpy as np
from numpy import array, float32


@dataclass(frozen=True)
class Case:
    """A program at a point; `blame` is empty where nothing is wrong."""

    f: Callable[..., Any]
    args: tuple[Any, ...]
    blame: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    why: str = ""

    @property
    def name(self) -> str:
        shown = ", ".join(
            np.array2string(a, separator=",") if isinstance(a, np.ndarray) else f"{a:.17g}"
            for a in self.args
        )
        kind = " float32" if any(np.asarray(a).dtype == float32 for a in self.args) else ""
        return f"{self.f.__name__}({shown}){kind}"


CANCELS = ("cancellation",)
OVERFLOWS = ("overflow",)
UNDERFLOWS = ("underflow",)
ILL = ("ill-conditioned",)
HOLE = ("0/0",)
SUM_AT_THE_INPUT = (
    "the value is right; the two terms of the derivative cancel where they meet, at the input, "
    "and every operation that sends one of them counts"
)
ALIKE = "two operations with factors within 2 of each other"


def lost(f: Any, *args: Any, blame: str, verdicts: tuple[str, ...] = (), why: str = "") -> Case:
    return Case(f, args, tuple(blame.split(", ")), verdicts, why)


def fine(f: Any, *args: Any) -> Case:
    return Case(f, args)


LARGE_OFFSET = array([1e8 + 1, 1e8 + 2, 1e8 + 4])

HAMMING_LOST = [
    lost(p.example_31, 1e12, blame="subtract", verdicts=CANCELS),
    lost(p.example_31, 1e5, blame="subtract", verdicts=CANCELS),
    lost(p.example_33, 1.0, 1e-10, blame="subtract", verdicts=CANCELS),
    lost(p.example_34, 1e-7, blame="subtract", verdicts=CANCELS),
    lost(p.example_34, 0.0, blame="divide", verdicts=HOLE),
    lost(p.example_35, 1e8, blame="subtract", verdicts=CANCELS),
    lost(p.example_36, 1e10, blame="subtract", verdicts=CANCELS),
    lost(p.problem_331, 1e9, blame="subtract", verdicts=CANCELS),
    lost(p.problem_332, 0.7, 1e-9, blame="subtract", verdicts=CANCELS),
    lost(p.problem_333, 1e6, blame="add 2", verdicts=CANCELS),
    lost(p.problem_334, 1e13, blame="subtract", verdicts=CANCELS),
    lost(p.problem_335, 0.5, 1e-9, blame="subtract", verdicts=CANCELS),
    lost(p.problem_336, 1e10, blame="subtract", verdicts=CANCELS),
    lost(p.problem_337, 1e-5, blame="add", verdicts=CANCELS),
    lost(p.p42_positive, 1.0, 1e8, 1.0, blame="add", verdicts=CANCELS),
    lost(p.p42_positive, 0.0, 1.0, 1.0, blame="divide", verdicts=HOLE),
    lost(p.p42_positive, 1.0, 1e200, 1.0, blame="multiply", verdicts=OVERFLOWS),
    lost(p.p42_negative, 1.0, -1e8, 1.0, blame="subtract 2", verdicts=CANCELS),
    lost(p.problem_321, 1.0, 1e8, 1.0, blame="add", verdicts=CANCELS),
    lost(p.example_37, 1e-9, blame="subtract", verdicts=CANCELS),
    lost(p.example_37, 1000.0, blame="exp", verdicts=OVERFLOWS),
    lost(p.example_38, 1e8, blame="subtract", verdicts=CANCELS),
    lost(p.example_39, 1e-6, blame="subtract", verdicts=CANCELS),
    lost(p.example_310, 1e-9, blame="log 2", verdicts=ILL),
    lost(p.problem_341, 1e-7, blame="subtract", verdicts=CANCELS),
    lost(p.problem_341, 1e-3, blame="subtract", verdicts=CANCELS),
    lost(p.problem_342, 1.2, 0.7, 1e-9, blame="subtract 3, subtract 2", why=ALIKE),
    lost(p.problem_343, 1e-10, blame="log", verdicts=ILL),
    lost(p.problem_344, 1e-9, blame="subtract 2", verdicts=CANCELS),
    lost(p.problem_345, 1e-5, blame="subtract", verdicts=CANCELS),
    lost(p.problem_346, 1e12, 3.0, blame="subtract", verdicts=CANCELS),
    lost(p.section_35, 0.3, 1e-9, blame="subtract", verdicts=CANCELS),
    lost(p.section_311, 1e-9, blame="subtract", verdicts=CANCELS),
    lost(p.section_311, 800.0, blame="exp, exp 2", verdicts=OVERFLOWS, why="both overflow"),
    # the value is right, the derivative is not
    lost(p.section_311, 40.0, blame="exp, exp 2, divide, subtract", why=SUM_AT_THE_INPUT),
    lost(p.example_31, 0.0, blame="sqrt 2", why="the slope of sqrt is infinite at 0"),
]

HAMMING_FINE = [
    fine(p.example_31, 0.5),
    fine(p.example_33, 1.0, 2.0),
    fine(p.example_33, 1.0, 0.0),
    fine(p.example_34, 1.0),
    fine(p.example_34, 3.14159),
    fine(p.example_35, 0.3),
    fine(p.example_36, 2.0),
    fine(p.problem_331, 0.01),
    fine(p.problem_332, 0.2, 0.9),
    fine(p.problem_333, 3.0),
    fine(p.problem_334, 1.5),
    fine(p.problem_335, 0.5, 1.5),
    fine(p.problem_336, 0.25),
    fine(p.problem_337, 2.0),
    fine(p.p42_positive, 1.0, -1e8, 1.0),
    fine(p.p42_positive, 2.0, -5.0, 3.0),
    fine(p.p42_negative, 1.0, 1e8, 1.0),
    fine(p.p42_negative, 2.0, -5.0, 3.0),
    fine(p.problem_321, 2.0, -3.0, 1.0),
    fine(p.example_37, 1.5),
    fine(p.example_37, -30.0),
    fine(p.example_38, 2.5),
    fine(p.example_39, 1.2),
    fine(p.example_310, 0.4),
    fine(p.problem_341, 0.9),
    fine(p.problem_342, 1.2, 0.7, 1.5),
    fine(p.problem_343, 0.3),
    fine(p.problem_344, 0.8),
    fine(p.problem_345, 1.3),
    fine(p.problem_346, 0.7, 2.5),
    fine(p.section_35, 0.5, 2.0),
    fine(p.section_311, 0.7),
    fine(p.example_35, -0.6),
    fine(p.problem_333, -0.4),
    fine(p.problem_343, -0.9),
    fine(p.example_36, 1e-6),
]

FURTHER_LOST = [
    lost(p.paper_h, 2 + 1e-12, blame="subtract", verdicts=CANCELS),
    lost(p.paper_h, 2 + 3e-8, blame="subtract", verdicts=CANCELS),
    lost(p.paper_h, 2.0, blame="divide", verdicts=HOLE),
    lost(p.square_minus_one, 1.0000001, blame="subtract", verdicts=CANCELS),
    lost(p.through_large, 0.3, blame="subtract", verdicts=CANCELS),
    lost(p.length_by_squares, 3e200, 4e200, blame="multiply", verdicts=OVERFLOWS),
    lost(
        p.length_by_squares,
        3e-200,
        4e-200,
        blame="multiply, multiply 2",
        verdicts=UNDERFLOWS,
        why="both squares underflow",
    ),
    lost(p.length_by_squares, 0.0, 0.0, blame="sqrt"),
    lost(p.softplus, 800.0, blame="exp", verdicts=OVERFLOWS),
    lost(p.softplus, -40.0, blame="log"),
    lost(p.sigmoid, -800.0, blame="exp", why="the value is right; infinity meets 0 in the slope"),
    lost(p.cross_entropy, 30.0, blame="subtract", verdicts=CANCELS),
    lost(p.cross_entropy, 40.0, blame="log"),
    lost(p.hyperbolic_sine, 1e-8, blame="subtract", verdicts=CANCELS),
    lost(p.one_minus_tanh_squared, 15.0, blame="subtract", verdicts=CANCELS),
    lost(p.expm1_over, 1e-9, blame="expm1, divide", why=SUM_AT_THE_INPUT),
    lost(p.log1p_over, 1e-9, blame="log1p, divide", why=SUM_AT_THE_INPUT),
    lost(p.sine_over, 1e-8, blame="sin, divide", why=SUM_AT_THE_INPUT),
    lost(p.expm1_form, 40.0, blame="exp, expm1, divide", why=SUM_AT_THE_INPUT),
    lost(p.saturating, 1e9, blame="add, divide", why=SUM_AT_THE_INPUT),
    lost(p.compound_stable, 1e12, blame="divide, multiply, log1p", why=SUM_AT_THE_INPUT),
    lost(p.fast_turns, 100000.1, blame="sin", verdicts=ILL),
    lost(p.there_and_back, 1e-4, blame="arccos", verdicts=ILL),
    lost(p.compound, 1e12, blame="power", verdicts=ILL),
    lost(p.determinant, 1.1, 1.2, 1.3, 1.418181818, blame="subtract", verdicts=CANCELS),
    lost(p.circle, 1 - 1e-13, blame="subtract", verdicts=CANCELS),
    lost(p.heron, 1.0, 1.0, 1e-9, blame="subtract, subtract 2", verdicts=CANCELS, why=ALIKE),
    lost(p.quotient_of_differences, 1.0, blame="subtract", verdicts=CANCELS),
    lost(p.tenth_root_of_tenth_power, 1e-40, blame="power", verdicts=UNDERFLOWS),
    lost(p.tenth_root_of_tenth_power, 1e40, blame="power", verdicts=OVERFLOWS),
    lost(p.zero_times_infinity, 0.0, 0.0, blame="divide"),
    lost(p.infinity_minus_infinity, 1000.0, blame="exp", verdicts=OVERFLOWS),
    lost(p.reciprocal_of_overflow, 720.0, blame="exp", verdicts=OVERFLOWS),
    lost(p.scaled_underflow, 740.0, blame="exp 2", verdicts=OVERFLOWS),
    lost(p.log_or_zero, 0.0, blame="log", why="the NaN of the branch not taken"),
    lost(p.root_or_zero, 0.0, blame="sqrt", why="the NaN of the branch not taken"),
    lost(p.root_or_zero, -1.0, blame="sqrt", why="the NaN of the branch not taken"),
    lost(p.archimedes, 3**-0.5, blame="subtract", verdicts=CANCELS),
    lost(p.exponential_series, -12.0, blame="add"),
    lost(p.seventh_power_expanded, 1.01, blame="subtract 4", verdicts=CANCELS),
    lost(p.variance_of_squares, LARGE_OFFSET, blame="subtract", verdicts=CANCELS),
    lost(p.log_sum_exp, array([1000.0, 1001.0]), blame="exp", verdicts=OVERFLOWS),
    lost(p.log_sum_exp, array([-1000.0, -1001.0]), blame="log"),
    lost(p.first_of_softmax, array([800.0, 1.0]), blame="exp", verdicts=OVERFLOWS),
    lost(p.total, array([1e16, 1.0, -1e16]), blame="sum"),
    lost(p.total_by_loop, array([1e16, 1.0, -1e16]), blame="add", verdicts=CANCELS),
    lost(p.inner_product, array([1e8, 1.0, -1e8]), array([1e8, 1.0, 1e8]), blame="dot"),
    lost(p.entropy, array([0.5, 0.5, 0.0]), blame="log"),
    lost(p.geometric_mean, array([1e200, 1e150, 2.0]), blame="prod", verdicts=OVERFLOWS),
    lost(p.geometric_mean, array([1e-200, 1e-150, 2.0]), blame="prod", verdicts=UNDERFLOWS),
    lost(p.norm, array([0.0, 0.0]), blame="sqrt"),
    lost(p.norm, array([1e-200, 0.0]), blame="multiply", verdicts=UNDERFLOWS),
    lost(p.angle, array([1.0, 0.0]), array([1.0, 1e-9]), blame="arccos", verdicts=ILL),
    lost(p.kinetic_energy, 30.0, blame="subtract 2", verdicts=CANCELS),
    lost(p.great_circle, 1e-7, blame="arccos", verdicts=ILL),
    lost(p.small_eigenvalue, 1e8, 1.0, 1e-3, blame="subtract 2", verdicts=CANCELS),
    lost(p.surface, 0.7, blame="subtract", verdicts=CANCELS),
    lost(p.through_large, float32(1.0), blame="subtract", verdicts=CANCELS),
    lost(p.example_37, float32(1e-4), blame="subtract", verdicts=CANCELS),
    lost(p.problem_341, float32(1e-3), blame="subtract", verdicts=CANCELS),
    lost(p.problem_336, float32(1e6), blame="subtract", verdicts=CANCELS),
    lost(p.total, array([1e8, 1, -1e8], float32), blame="sum"),
]

FURTHER_FINE = [
    fine(p.paper_h, 3.0),
    fine(p.square_minus_one, 1 + 2.0**-20),
    fine(p.factored, 1.0000001),
    fine(p.through_large, 2.0**20),
    fine(p.small_addend, 1.0),
    fine(p.fraction_part, 1000000.3),
    fine(p.difference, 1.0000001, 1.0),
    fine(p.difference, 1e16, 1.0),
    fine(p.length_by_squares, 3.0, 4.0),
    fine(p.length_by_hypot, 3e200, 4e200),
    fine(p.length_by_hypot, 3e-200, 4e-200),
    fine(p.softplus, 1.0),
    fine(p.softplus_stable, 800.0),
    fine(p.softplus_stable, -40.0),
    fine(p.sigmoid, 40.0),
    fine(p.sigmoid, -30.0),
    fine(p.cross_entropy, -1.0),
    fine(p.cross_entropy_stable, 40.0),
    fine(p.hyperbolic_sine, 3.0),
    fine(p.sinh, 1e-8),
    fine(p.one_minus_tanh_squared, 0.3),
    fine(p.tanh, 20.0),
    fine(p.expm1_over, 1.0),
    fine(p.log1p_over, 2.0),
    fine(p.sine_over, 1.0),
    fine(p.expm1_form, 1e-9),
    fine(p.half_angle, 1e-8),
    fine(p.saturating, 0.5),
    fine(p.fast_turns, 0.25),
    fine(p.there_and_back, 1.0),
    fine(p.compound, 3.0),
    fine(p.determinant, 3.0, 2.0, 5.0, 7.0),
    fine(p.circle, 0.5),
    fine(p.circle_factored, 1 - 1e-14),
    fine(p.heron_kahan, 9.0, 4.53, 4.53),
    fine(p.small_root_stable, 1.0, 1e8, 1.0),
    fine(p.tenth_root_of_tenth_power, 1.7),
    fine(p.exponential, -1000.0),
    fine(p.square_root, 1e300),
    fine(p.zero_times_infinity, 3.0, 7.0),
    fine(p.reciprocal_of_overflow, 5.0),
    fine(p.scaled_underflow, 2.0),
    fine(p.log_or_zero, -1.0),
    fine(p.log_or_zero, 2.0),
    fine(p.root_or_zero_safe, -1.0),
    fine(p.root_or_zero_safe, 0.0),
    fine(p.three_thirds, 0.25),
    fine(p.magnitude, -2.0),
    fine(p.relu, 3.0),
    fine(p.archimedes_stable, 3**-0.5),
    fine(p.integral_recurrence, 0.6321205588285577),
    fine(p.exponential_series, 1.0),
    fine(p.seventh_power_expanded, 3.0),
    fine(p.horner, 0.8),
    fine(p.newton_root, 2.0),
    fine(p.tenths, 0.1),
    fine(p.variance_of_squares, array([1.0, 2.0, 4.0])),
    fine(p.variance_two_passes, LARGE_OFFSET),
    fine(p.variance, array([1.0, 2.0, 4.0])),
    fine(p.log_sum_exp, array([1.0, 2.0])),
    fine(p.log_sum_exp_stable, array([1000.0, 1001.0])),
    fine(p.log_sum_exp_stable, array([-1000.0, -1001.0])),
    fine(p.first_of_softmax, array([1.0, 2.0])),
    fine(p.first_of_softmax_stable, array([800.0, 1.0])),
    fine(p.first_of_softmax_stable, array([40.0, 1.0])),
    fine(p.total, array([0.1, 0.2, 0.3])),
    fine(p.total_by_loop, array([0.1, 0.2, 0.3])),
    fine(p.total_compensated, array([1e16, 1.0, -1e16])),
    fine(p.total_compensated, array([1e8, 1 / 3, -1e8, 0.7])),
    fine(p.inner_product, array([1.0, 2.0, 3.0]), array([0.1, 0.2, 0.3])),
    fine(p.entropy, array([0.5, 0.25, 0.25])),
    fine(p.geometric_mean, array([2.0, 4.0, 8.0])),
    fine(p.geometric_mean_by_logs, array([1e20, 1e15, 2.0])),
    fine(p.norm, array([3.0, 4.0])),
    fine(p.angle, array([1.0, 0.5]), array([1.0, 2.0])),
    fine(p.kinetic_energy, 2e8),
    fine(p.kinetic_energy_stable, 30.0),
    fine(p.great_circle, 0.9),
    fine(p.haversine, 1e-7),
    fine(p.small_eigenvalue, 2.0, 3.0, 5.0),
    fine(p.small_eigenvalue_stable, 4.0, 1.0, 2.0),
    fine(p.network_loss, array([0.3, 0.8])),
    fine(p.surface_mended, 0.7),
    fine(p.example_37, float32(2.0)),
    fine(p.variance, array([1, 2, 4], float32)),
    fine(p.sine_over, float32(0.5)),
]

HAMMING = HAMMING_LOST + HAMMING_FINE
FURTHER = FURTHER_LOST + FURTHER_FINE
LOST = HAMMING_LOST + FURTHER_LOST
FINE = HAMMING_FINE + FURTHER_FINE

# No error that ulps could measure: a kink, or a decision that exact numbers take otherwise.
KINKS = [(p.magnitude, 0.0, "absolute"), (p.relu, 0.0, "maximum")]
WRONG_BRANCHES = [(p.three_thirds, 1 / 3, "s < 1"), (p.steps_to_one, 0.1, "total < 1")]
