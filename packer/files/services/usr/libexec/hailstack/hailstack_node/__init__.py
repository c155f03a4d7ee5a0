"""What the programs of a node share. Python's standard library alone, Python 3.10 or newer."""
