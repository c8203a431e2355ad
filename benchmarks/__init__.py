"""How fast it is: `python -m benchmarks`, or `make bench`. Loopback only, writes nothing, stops by itself.

A new measurement is a function that returns `Figure`s, called from `__main__.measure`.
"""
