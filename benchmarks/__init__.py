"""How fast it is: `python -m benchmarks`, or `make bench`. Loopback only, stops by itself.

A new measurement is a function that yields `Figure`s or `Rate`s, named in `benchmarks/parts.py`.
"""
