"""Draw the README's picture: the ε slider of lesson 2 at one telling setting.

    python tools/readme_picture.py

It is drawn by the explorer itself, so that the README shows what a learner sees.
"""

from __future__ import annotations

import base64
from pathlib import Path

import tinyad as ad

PICTURE = Path(__file__).with_suffix(".png")


def main() -> None:
    """Write the picture."""
    explorer = ad.explore.finite_difference(lambda x: x**3 - 2 * x, 1.0)
    explorer.set(eps=0.5)
    bundle, _ = explorer._repr_mimebundle_()
    PICTURE.write_bytes(base64.b64decode(bundle["image/png"]))


if __name__ == "__main__":
    main()
