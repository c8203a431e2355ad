"""The rates as one bar chart, drawn on the server without a script in it."""

from collections.abc import Sequence

import vl_convert

from benchmarks.dispatch.throughput import OURS
from benchmarks.rates import Rate

INK, QUIET, LINE, GROUND = "#14201d", "#51605b", "#d9e0dc", "#ffffff"
"""It has a ground of its own, so it reads the same on a light page and on a dark one."""

COLOURS = {"Milepost": "#0a5c54", "the database alone": "#a0b2ac", "others": "#c98a1b"}
FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"


def picture(rates: Sequence[Rate]) -> str:
    """An SVG: one bar for each rate, the fastest first, on a logarithmic scale."""
    bars = [
        {"what": label(rate), "rate": round(rate.per_second), "told": f"{rate.per_second:,.0f}", "whose": whose(rate)}
        for rate in sorted(rates, key=lambda rate: -rate.per_second)
    ]
    place = {"y": {"field": "what", "type": "nominal", "sort": None, "title": None}}
    scale = {"type": "log", "domainMin": 10, "nice": False}
    axis = {"values": [10, 100, 1_000, 10_000, 100_000], "format": ",d"}
    length = {"field": "rate", "type": "quantitative", "title": "reminders a second (each step is ten times)"}
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": "Reminders sent and recorded in a second, ours beside the database alone and others.",
        "background": GROUND,
        "padding": 16,
        "width": 520,
        "height": {"step": 24},
        "data": {"values": bars},
        "encoding": place,
        "layer": [
            {
                "mark": {"type": "bar", "cornerRadiusEnd": 3, "height": 16},
                "encoding": {
                    "x": {**length, "scale": scale, "axis": axis},
                    "x2": {"datum": 10},
                    "color": {
                        "field": "whose",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())},
                        "legend": {"orient": "top"},
                    },
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "color": INK, "fontSize": 12},
                "encoding": {"x": length, "text": {"field": "told"}},
            },
        ],
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {"labelColor": INK, "titleColor": QUIET, "gridColor": LINE, "domain": False, "ticks": False,
                     "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 320},
            "legend": {"labelColor": INK, "labelFontSize": 12},
        },
    }  # fmt: skip
    return vl_convert.vegalite_to_svg(chart, vl_version="5.21")


def label(rate: Rate) -> str:
    """What a bar is."""
    processes = "1 process" if rate.processes == 1 else f"{rate.processes} processes"
    future = f", {rate.future:,} future rows" if rate.future else ""
    return f"{rate.who}, {processes}{future}"


def whose(rate: Rate) -> str:
    """The colour of a bar."""
    if rate.who == OURS:
        return "Milepost"
    return "the database alone" if rate.who.startswith("raw") else "others"
