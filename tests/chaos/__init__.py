"""The chaos suite: reminders go out through a provider that fails, while everything around them breaks.

    make chaos ARGS="--seed 7 --reminders 20000"

Real PostgreSQL, Valkey, Celery workers and beats, and the simulated provider as a process of its own, which calls a
real web process back: late, twice, in disorder, or never. Meanwhile workers and the web are killed with -9, the
broker is emptied, PostgreSQL crashes, one worker's clock is off by a minute, and journeys are moved and cancelled. In
the end it is checked that nothing was lost, doubled, early, late or sent under an old plan. The seed decides what
happens and when; how the processes interleave is the machine's.
"""
