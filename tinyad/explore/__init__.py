"""Figures and widgets of the course, one function each, named after what one explores.

This is the only part of tinyad that loads matplotlib and ipywidgets.
"""

from tinyad.explore.almost_zero import almost_zero
from tinyad.explore.dual_number import dual_number
from tinyad.explore.finite_difference import finite_difference
from tinyad.explore.float_bits import float_bits
from tinyad.explore.mode_cost import mode_cost
from tinyad.explore.parameter_cube import parameter_cube
from tinyad.explore.plateau import plateau
from tinyad.explore.style import BANDS, COLORS, figure, show
from tinyad.explore.trace_player import trace_player

__all__ = [
    "BANDS",
    "COLORS",
    "almost_zero",
    "dual_number",
    "figure",
    "finite_difference",
    "float_bits",
    "mode_cost",
    "parameter_cube",
    "plateau",
    "show",
    "trace_player",
]
