"""Tests run on all cores, a file to a worker; one that measures time has the machine to itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

try:
    import fcntl
except ImportError:  # Windows: there a measurement shares the machine
    fcntl = None  # type: ignore[assignment]

Locks = tuple[IO[str], IO[str]]
LOCKS = pytest.StashKey[Locks]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Be in the room while a test runs, its fixtures included."""
    workers = getattr(item.config, "workerinput", None)
    if workers is None or fcntl is None:
        return (yield)
    place = Path(tempfile.gettempdir()) / f"tinyad-tests-{workers['testrunuid']}"
    place.mkdir(exist_ok=True)
    with (place / "door").open("w") as door, (place / "room").open("w") as room:
        item.stash[LOCKS] = door, room
        enter(item.stash[LOCKS], fcntl.LOCK_SH)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Let a test that is marked `alone` wait until the room is empty, and keep it so."""
    locks = pyfuncitem.stash.get(LOCKS, None)
    if locks is None or pyfuncitem.get_closest_marker("alone") is None:
        return (yield)
    fcntl.flock(locks[1], fcntl.LOCK_UN)
    enter(locks, fcntl.LOCK_EX)
    try:
        return (yield)
    finally:
        fcntl.flock(locks[1], fcntl.LOCK_SH)


def enter(locks: Locks, how: int) -> None:
    """Go through the door; who waits for an empty room holds it, so that nobody else goes in."""
    door, room = locks
    fcntl.flock(door, fcntl.LOCK_EX)
    fcntl.flock(room, how)
    fcntl.flock(door, fcntl.LOCK_UN)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have measured, which workers send along with their reports."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    called = [report for report in reports if getattr(report, "when", None) == "call"]
    lines = [line for r in called for name, line in r.user_properties if name == "measured"]
    if lines:
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.write_line(line)
