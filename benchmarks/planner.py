"""The pure planner, on one core."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.figures import Figure, median_seconds
from pathway.planner import Facts, Hold, Milestone, parse_duration, plan
from pathway.protocol_file import load, read_shipped

AIM = 5_000
NOW = datetime(2027, 2, 15, 15, 0, tzinfo=UTC)


def facts(*, holds: int, minute: int) -> Facts:
    """A journey with a consult and a procedure four weeks ahead, and the first of these holds."""
    procedure = NOW + timedelta(days=28, minutes=minute)
    named = (("apixaban", "P3D"), ("clopidogrel", "P7D"))[:holds]
    return Facts(
        milestones={"consult": Milestone(NOW + timedelta(days=7)), "procedure": Milestone(procedure)},
        zone=ZoneInfo("America/New_York"),
        language="en",
        enrolled_at=NOW,
        holds=tuple(Hold(drug, parse_duration(lasts), parse_duration("P1D"), NOW) for drug, lasts in named),
    )


def plans_per_second(*, plans: int, runs: int) -> list[Figure]:
    """Plans a second without and with two signed holds: the median of several runs over different procedures."""
    protocol = load(read_shipped("mild"), name="mild")
    figures = []
    for holds in (0, 2):
        journeys = [facts(holds=holds, minute=minute) for minute in range(plans)]

        def plan_all(journeys: list[Facts] = journeys) -> None:
            for journey in journeys:
                plan(protocol, journey, NOW)

        rate = plans / median_seconds(plan_all, runs=runs)
        named = "no hold" if holds == 0 else f"{holds} holds"
        ratio = rate / AIM if holds == 0 else None
        aim = f"{AIM:,}/s" if holds == 0 else ""
        figures.append(Figure(f"plans, {named}", "one core", f"{rate:,.0f}/s", aim, ratio))
    return figures
