"""The trace player: one slider through the forward pass, and then back through the reverse pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from tinyad.explore.explorer import TOP, Explorer, Fact, Settings, StepSlider
from tinyad.explore.style import COLORS, GRID
from tinyad.explore.trace_model import TraceModel
from tinyad.picture import Picture
from tinyad.views.trace.table import STYLE


def trace_player(
    f: Callable[..., Any],
    *args: Any,
    names: Sequence[str] | None = None,
    reverse: bool = True,
) -> Explorer:
    """Return a widget that plays one run of f and its reverse pass, step by step.

    Its control is `step`, from 0 to the number of steps. The trace is written row by row; the node
    that is at work lights up with its row. Then the adjoints arrive, each where a statement of the
    reverse pass takes it; until then there is a dash, since what is not computed yet is not 0.
    `names` are those of the arguments, as in `ad.trace`. With `reverse=False` it stops where the
    forward pass ends, and knows nothing of adjoints.

    Raises ArgumentError unless f returns one number that depends on its arguments.

    >>> player = trace_player(lambda x1, x2: x1 * x2 + x2, 3, 4)
    >>> player.set(step=9)
    >>> print(player.readout)
    step        9 of 12, reverse pass
    statement   v̄₋₁ = v̄₁ × v₀
    value       4
    your line   line 1: player = trace_player(lambda x1, x2: x1 * x2 + x2, 3, 4)
    """
    model = TraceModel(f, args, names, reverse)
    passes = "of the forward and then of the reverse pass" if reverse else "of the program"
    slider = StepSlider(
        0,
        0,
        model.last,
        description="step",
        tooltip=f"how many steps {passes} are done",
        layout=widgets.Layout(width="560px"),
        style={"description_width": "50px"},
    )
    return Explorer(TraceScene(model), {"step": slider})


class TraceScene:
    """What the trace player shows at each step."""

    def __init__(self, model: TraceModel) -> None:
        self.model = model
        passes = "the forward and the reverse pass" if model.last > model.turn else "one run"
        self.plain = f"A trace player: a slider through {passes}; run the cell."
        self.table = model.trace.table()
        if "line" in self.table.columns:  # it stands below
            self.table.columns.remove("line")

    def fixed(self, settings: Settings) -> str:
        """Return the style of the table, which is sent only once."""
        return STYLE

    def moving(self, settings: Settings, words: str) -> str:
        """Return the graph and the table."""
        step = settings["step"]
        drawing = self._drawing(step)
        table = self.table.html(step).removeprefix(STYLE)
        parts = f'<div>{drawing}</div><div style="{_TABLE}">{table}</div>'
        return f'<div style="{TOP}; {_SIDES}">{parts}</div>'

    def _drawing(self, step: int) -> str:
        return self.model.picture.svg(self.model.lit(step), self.model.lines(step))

    def png(self, settings: Settings) -> tuple[bytes, dict[str, Any]]:
        """Return the graph, at a telling step if the slider has not moved yet."""
        step = settings["step"] or self.model.telling
        statement, value = self.model.statement(step)
        whole = self.model.picture
        caption = f"Step {self._progress(step)}: {statement}, now {value}"
        picture = Picture(whole.all_nodes, whole.all_edges, caption)
        lit, lines = self.model.lit(step), self.model.lines(step)
        width, height = picture.size
        alt = picture.text(lines)
        return picture.png(lit, lines), {"alt": alt, "width": width, "height": height}

    def _progress(self, step: int) -> str:
        there_and_back = self.model.last > self.model.turn
        passing = "reverse pass" if step > self.model.turn else "forward pass"
        return f"{step} of {self.model.last}" + (f", {passing}" if there_and_back else "")

    def facts(self, settings: Settings) -> list[Fact]:
        """Return the step, its statement, the value that comes out and the learner's line."""
        step = settings["step"]
        if not step:
            return [Fact("step", f"0 of {self.model.last}: nothing is computed yet")] + [
                Fact("", "")
            ] * 3
        statement, value = self.model.statement(step)
        before = self.model.before(step)
        return [
            Fact("step", self._progress(step)),
            Fact("statement", statement),
            Fact("value", value + (f" (before: {before})" if before else ""), len(value)),
            Fact("your line", self.model.events[step - 1].line),
        ]


# The table takes its colors from JupyterLab's theme; here it stands on white paper. It stands
# below a wide graph and beside a narrow one.
_SIDES = (
    f"--jp-content-font-color1: {COLORS['black']}; --jp-border-color0: {COLORS['gray']}; "
    f"--jp-border-color2: {COLORS['gray']}; --jp-border-color3: {GRID}; "
    "display: flex; flex-wrap: wrap; align-items: flex-start"
)
_TABLE = "overflow-x: auto; padding: 10px 6px"
