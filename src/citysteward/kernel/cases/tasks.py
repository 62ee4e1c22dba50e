"""Background work of the case engine: firing timers that are due."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from citysteward.kernel.cases.actions import due_cases, tick
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties.types import Principal

log = logging.getLogger(__name__)

TICKER = Actor("system:ticker", "Clock 计时")
ROUNDS = 50
"""Batches of one run, so that a long queue of old deadlines is worked off in steps."""


@app.periodic(cron="* * * * * */10")
@app.task(queue="clock", queueing_lock="cases.tick")
def fire_timers(_timestamp: int = 0) -> int:
    """Fire the due timers of all cases, each case in a transaction of its own."""
    actor = Principal.system(TICKER)
    fired = 0
    for _ in range(ROUNDS):
        cases = due_cases(timezone.now())
        if not cases:
            break
        for case_id in cases:
            tick(case_id, actor=actor)
            fired += 1
    return fired
