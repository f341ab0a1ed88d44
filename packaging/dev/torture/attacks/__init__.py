"""One file an attack: a docstring whose first line is the title, and `attack(ground)`, which yields its findings."""
