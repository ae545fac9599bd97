"""The table of derivative rules: the only calculus in the house."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyad.rules import elementwise, linear
from tinyad.rules.rows import Row

TABLE: dict[Callable[..., Any], Row] = {**elementwise.ROWS, **linear.ROWS}

__all__ = ["TABLE", "Row"]
