"""Background work of the case engine: firing timers that are due."""

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from citysteward.kernel.cases.actions import due_cases, tick
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties.types import Principal

TICKER = Actor("system:ticker", "CitySteward")
# Seconds are the sixth field.
EVERY_TEN_SECONDS = "* * * * * */10"
ROUNDS = 10
"""Batches of one run, so that a long queue of old deadlines is worked off in steps."""


# No `lock`: a killed worker would hold it. Each case is locked by its own row, and a timer that
# has fired is gone.
@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(name="cases.fire_timers", queueing_lock="cases.fire_timers")
def fire_timers(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells when it was due
    """Fire the due timers of all cases, each case in a transaction of its own."""
    # The thread lives longer than the database may.
    close_old_connections()
    actor = Principal.system(TICKER)
    fired = 0
    for _ in range(ROUNDS):
        due = due_cases(timezone.now())
        for case_id in due:
            tick(case_id, actor=actor)
        fired += len(due)
        if not due:
            break
    return fired
