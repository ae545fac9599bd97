"""Ways to look at a program: traces of what it did, and source code made from them."""
