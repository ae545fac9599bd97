"""Figures and widgets of the course, one function each, named after what one explores.

This is the only part of tinyad that loads matplotlib and ipywidgets.
"""

from tinyad.explore.finite_difference import finite_difference
from tinyad.explore.style import COLORS, figure, show

__all__ = ["COLORS", "figure", "finite_difference", "show"]
