"""Upkeep of the background jobs themselves."""

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

HEARTBEAT_LOST_SECONDS = 120
"""Well above the worker's heartbeat of 10 s: a job that only looked stalled would run twice."""


@app.periodic(cron="*/2 * * * *")
@app.task(name="jobs.retry_stalled", queueing_lock="jobs.retry_stalled")
async def retry_stalled_jobs(timestamp: int) -> None:  # noqa: ARG001 (when it was due)
    """Give the jobs of killed workers to living ones; all jobs bear being run again."""
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=HEARTBEAT_LOST_SECONDS)
    for job in stalled:
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            # A job with the same queueing lock waits already and will do what this one did not.
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
