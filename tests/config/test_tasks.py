"""Background jobs: those that run by the clock, and those whose worker was killed."""

from inspect import signature

import psycopg
from procrastinate.contrib.django import app

from tests.databases import FreshDatabase, OtherProcess

WORKER = ("manage", "procrastinate", "worker", "--one-shot")


def test_whatever_runs_by_the_clock_takes_what_the_clock_gives() -> None:
    assert app.periodic_registry.periodic_tasks
    for periodic in app.periodic_registry.periodic_tasks.values():
        signature(periodic.task.func).bind(timestamp=0)


def test_the_job_of_a_killed_worker_is_run_by_another(
    fresh_database: FreshDatabase, other_process: OtherProcess
) -> None:
    for due in (1, 2):
        # Under a queueing lock of their own: the clock adds jobs under the usual one.
        app.configure_task("journal.keep", queueing_lock=f"test.{due}").defer(timestamp=due)
    with psycopg.connect(fresh_database.superuser_url, autocommit=True) as superuser:
        # A worker took the jobs, and nothing has been heard of it for an hour.
        superuser.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
        )
        superuser.execute(
            "UPDATE procrastinate_jobs SET status = 'doing',"
            " worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
        # The second has been asked for again meanwhile.
        app.configure_task("journal.keep", queueing_lock="test.2", schedule_in={"hours": 1}).defer(
            timestamp=3
        )
        app.configure_task("jobs.retry_stalled").defer(timestamp=0)
        for _ in range(2):
            worked = other_process(*WORKER)
            assert worked.returncode == 0, worked.stderr
        rows = superuser.execute(
            "SELECT args->>'timestamp', status FROM procrastinate_jobs"
            " WHERE queueing_lock LIKE 'test.%' ORDER BY id"
        ).fetchall()
    assert rows == [("1", "succeeded"), ("3", "todo")]
