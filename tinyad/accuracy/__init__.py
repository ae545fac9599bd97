"""Can these numbers be trusted? Checks of derivatives against what needs no rules."""
