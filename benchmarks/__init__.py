"""tinyad beside its peers, in one run: `python -m benchmarks` prints the table of README.md."""
