"""Tests run on all cores, a file to a worker; one that measures time has the machine to itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

try:
    import fcntl
except ImportError:  # Windows: there a measurement shares the machine
    fcntl = None  # type: ignore[assignment]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Let tests marked `alone` wait until every other worker rests."""
    workers = getattr(item.config, "workerinput", None)
    if workers is None or fcntl is None:
        return (yield)
    place = Path(tempfile.gettempdir()) / f"tinyad-tests-{workers['testrunuid']}"
    place.mkdir(exist_ok=True)
    alone = item.get_closest_marker("alone") is not None
    with (place / "door").open("w") as door, (place / "room").open("w") as room:
        # Who waits for the room to be empty holds the door, so that nobody else goes in before.
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        return (yield)
