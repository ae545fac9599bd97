"""The widget that all explorers share: controls, a picture that follows them, and the numbers."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Protocol

import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray

from tinyad.errors import ArgumentError
from tinyad.explore.style import COLORS, PAPER, encoded, picture_metadata
from tinyad.explore.view import Mark, Picture

Settings = Mapping[str, Any]

# Its own paper, so that picture and numbers read the same in the light and in the dark theme.
_COLORS = f"background: {PAPER}; color: {COLORS['black']}"
TOP = f"{_COLORS}; border-radius: 6px 6px 0 0; padding: 4px 6px"


@dataclass(frozen=True)
class Fact:
    """A line of the readout: a name, a value, and how many of its first characters to stress."""

    name: str
    value: str
    stressed: int = 0

    def html(self) -> str:
        """Return the line as HTML."""
        strong, rest = self.value[: self.stressed], self.value[self.stressed :]
        value = f"<b>{html.escape(strong)}</b>" if strong else ""
        return f"{html.escape(self.name):<12}{value}{html.escape(rest)}"


class NumberSlider(widgets.SelectionSlider):  # type: ignore[misc]
    """A slider over the given round numbers; `number` may also lie between two of them.

    ipywidgets' sliders over floats compute their value anew in the browser, where it may differ in
    the last bit, and send it back: a number set from code would come back rounded, or undo one
    that is set right after. This slider and the browser exchange positions, which are exact.
    """

    spelling = "g"

    def __init__(self, numbers: NDArray[np.float64], value: float, **options: Any) -> None:
        self._numbers = numbers
        labels = [(format(number, self.spelling), float(number)) for number in numbers]
        super().__init__(options=labels, value=value, **options)
        self.number = value
        self.observe(self._follow, "value")

    def _follow(self, change: Any) -> None:
        self.number = change["new"]

    def distances(self, number: float) -> Any:
        """Return how far the slider's numbers are from this one."""
        return np.abs(self._numbers - number)

    def move(self, number: Any) -> None:
        """Set the number exactly, and the slider to the position next to it."""
        low, high = self._numbers.min(), self._numbers.max()
        is_number = isinstance(number, Real) and not isinstance(number, bool)
        if not (is_number and low <= number <= high):
            raise ArgumentError(
                f"The {self.description} cannot be {number!r}.",
                f"Choose a number from {low:g} to {high:g}.",
            )
        self.index = int(self.distances(float(number)).argmin())
        self.number = float(number)


class LogSlider(NumberSlider):
    """The same for numbers of many sizes."""

    spelling = ".1e"

    def distances(self, number: float) -> Any:
        """Return how far they are in ratio."""
        return np.abs(np.log(self._numbers) - np.log(number))


class StepSlider(widgets.IntSlider):  # type: ignore[misc]
    """A slider over the numbers of the steps of something, from 0 on."""

    noun = "step"

    def move(self, number: Any) -> None:
        """Set the step; raise ArgumentError if there is none of this number."""
        is_whole = isinstance(number, Integral) and not isinstance(number, bool)
        if not (is_whole and 0 <= number <= self.max):
            raise ArgumentError(
                f"There is no {self.noun} {number!r}.",
                f"Choose a whole number from 0 to {self.max}.",
            )
        self.value = int(number)


class Scene(Protocol):
    """What an explorer shows, as a function of the settings of its controls."""

    plain: str  # what stands where no picture can: a fixed sentence

    def facts(self, settings: Settings) -> list[Fact]:
        """Return the numbers, always the same count of lines."""

    def fixed(self, settings: Settings) -> str:
        """Return what seldom changes, as HTML."""

    def moving(self, settings: Settings, words: str) -> str:
        """Return what lies on it and moves, as HTML; `words` are for those who cannot see it."""

    def png(self, settings: Settings) -> tuple[bytes, dict[str, Any]]:
        """Return both as a PNG, with its size on screen and its description."""


class FigureScene:
    """A scene of marks that move on a figure which is drawn once."""

    plain: str
    alt: str  # what the figure shows, for those who cannot see it

    def __init__(self, model: Any) -> None:
        self.model = model
        self._pictures: dict[object, Picture] = {}

    def key(self, settings: Settings) -> object:
        """Return what the figure depends on; it is drawn once for each key."""
        raise NotImplementedError

    def picture(self, settings: Settings) -> Picture:
        """Draw what stands still."""
        raise NotImplementedError

    def marks(self, settings: Settings) -> list[Mark]:
        """Return what moves."""
        raise NotImplementedError

    def _picture(self, settings: Settings) -> Picture:
        key = self.key(settings)
        if key not in self._pictures:
            self._pictures[key] = self.picture(settings)
        return self._pictures[key]

    def fixed(self, settings: Settings) -> str:
        """Return the figure."""
        return f'<div style="{TOP}">{self._picture(settings).fixed}</div>'

    def moving(self, settings: Settings, words: str) -> str:
        """Return the marks."""
        marks = self._picture(settings).moving(self.marks(settings), words)
        return f'<div style="padding: 4px 6px">{marks}</div>'

    def png(self, settings: Settings) -> tuple[bytes, dict[str, Any]]:
        """Return both as a PNG."""
        picture = self._picture(settings)
        return picture.png(self.marks(settings)), picture_metadata(picture.figure, self.alt)


class Explorer(widgets.VBox):  # type: ignore[misc]
    """Controls above a picture and a readout of its numbers.

    `set` moves the controls from code; `readout` is the text beside the picture. Where no kernel
    runs, the notebook shows the picture as a PNG, as it was when the cell ran.
    """

    def __init__(self, scene: Scene, controls: Mapping[str, widgets.ValueWidget]) -> None:
        self._scene = scene
        self._controls = dict(controls)
        self._waiting = False
        self._fixed, self._moving = (widgets.HTML(layout=_SAME_PLACE) for _ in range(2))
        row = widgets.HBox(list(self._controls.values()), layout=widgets.Layout(flex_flow="wrap"))
        super().__init__([row, widgets.GridBox([self._fixed, self._moving])])
        for control in self._controls.values():
            control.observe(self._refresh, "value")
        self._refresh()

    @property
    def settings(self) -> dict[str, Any]:
        """The values of the controls, by name."""
        return {
            name: control.number if isinstance(control, NumberSlider) else control.value
            for name, control in self._controls.items()
        }

    @property
    def readout(self) -> str:
        """The numbers beside the picture, as text."""
        return _text(self._scene.facts(self.settings))

    def set(self, **settings: Any) -> None:
        """Move controls, as in `set(eps=1e-8)`; raise ArgumentError where they cannot go."""
        self._waiting = True
        try:
            for name, value in settings.items():
                self._move(name, value)
        finally:
            self._waiting = False
            self._refresh()

    def _move(self, name: str, value: Any) -> None:
        control = self._controls.get(name)
        if control is None:
            known = ", ".join(self._controls)
            raise ArgumentError(f"There is no control {name!r} here.", f"There are: {known}.")
        if isinstance(control, NumberSlider | StepSlider):
            control.move(value)
        elif value in control.options:
            control.value = value
        else:
            choices = ", ".join(map(repr, control.options))
            raise ArgumentError(f"{name} cannot be {value!r}.", f"Choose one of {choices}.")

    def _refresh(self, change: object = None) -> None:
        if self._waiting:  # several controls are being set, one redraw will do
            return
        settings = self.settings
        facts = self._scene.facts(settings)
        numbers = "\n".join(fact.html() for fact in facts)
        # The fixed part is sent only when it has changed: what moves is a tenth of its size.
        self._fixed.value = self._scene.fixed(settings)
        moving = self._scene.moving(settings, _text(facts))
        self._moving.value = moving + _NUMBERS.format(numbers=numbers)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        data = dict(super()._repr_mimebundle_(**options))
        image, metadata = self._scene.png(self.settings)
        data["text/plain"] = self._scene.plain
        data["image/png"] = encoded(image)
        return data, {"image/png": metadata}


def _text(facts: list[Fact]) -> str:
    lines = (f"{fact.name:<12}{fact.value}".rstrip() for fact in facts)
    return "\n".join(lines).rstrip()


# One cell of a grid, so that the marks lie on the picture.
_SAME_PLACE = {"grid_area": "1 / 1", "margin": "0"}
_NUMBERS = (
    f'<div role="status" style="{_COLORS}; border-radius: 0 0 6px 6px; padding: 0 20px 8px; '
    'white-space: pre; font: 13px/1.55 var(--jp-code-font-family, monospace)">{numbers}</div>'
)
