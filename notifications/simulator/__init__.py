"""Whole lives of journeys on a simulated clock, through the real planner, `replan` and dispatcher.

people        who lives them
world         the script of one journey's life, from a seed
happenings    plays one line of a script through the actions
clock         the instant it is, and when no worker runs
provider      a provider that fails
run           plays all scripts and wakes the dispatcher
checks        what must never happen
report        what became of everything
simulation    all of these together
throwaway     the database it happens in
history       the demo's past, by the same code
"""
