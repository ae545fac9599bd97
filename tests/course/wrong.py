"""What a wrong answer is: the lessons list theirs in files of their own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wrong:
    """A wrong answer: its task, its source, and a phrase of the diagnosis that it deserves."""

    task: str
    source: str
    hears: str
    state: str = "not yet"
