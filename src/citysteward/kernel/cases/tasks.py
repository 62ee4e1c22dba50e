"""Background work of the case engine: firing timers that are due."""

import logging
from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app

from citysteward.kernel.cases.actions import due_cases, tick
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties.types import Principal

log = logging.getLogger(__name__)

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
    """Fire the due timers of all cases, each case in a transaction of its own; how many.

    A case that cannot go on is logged and left to the next run: it holds up no other.
    """
    # The thread lives longer than the database may.
    close_old_connections()
    actor = Principal.system(TICKER)
    fired = 0
    failed: set[UUID] = set()
    for _ in range(ROUNDS):
        due = due_cases(timezone.now(), without=failed)
        for case_id in due:
            try:
                tick(case_id, actor=actor)
                fired += 1
            except Exception:
                log.exception("The timers of case %s cannot be fired", case_id)
                failed.add(case_id)
        if not due:
            break
    return fired
