"""The modes of differentiation. Each is one interpretation of the same NumPy program."""
