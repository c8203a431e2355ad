"""`python -m benchmarks.dispatch [--due N] [--future N] [--runs N]`: one number of future rows, for tuning."""

import argparse
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("MILEPOST_LOG", "WARNING")
django.setup()

from benchmarks.dispatch.throughput import dispatch_rates  # noqa: E402 - Django's apps come first
from benchmarks.durable import durable  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.dispatch", description="Measure the dispatcher once more.")
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--future", type=int, default=0)
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    with durable() as server:
        print(server.about())
        for rate in dispatch_rates(server, due=options.due, futures=(options.future,), runs=options.runs):
            print(f"{rate.what()}: {rate.result()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
