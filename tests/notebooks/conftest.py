"""Make the maintainers' tools importable, as they are when run as commands."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
