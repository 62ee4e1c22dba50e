"""Upkeep: of the background jobs themselves, and of what Django and axes leave behind."""

from importlib import import_module

from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.utils import timezone
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


@app.periodic(cron="17 3 * * *")
@app.task(name="sign_ins.forget", queueing_lock="sign_ins.forget")
def forget_sign_ins(timestamp: int) -> None:  # noqa: ARG001 (when it was due)
    """Delete sessions that are over, and what is known of sign-ins after ACCESS_LOG_KEPT."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    before = timezone.now() - settings.ACCESS_LOG_KEPT
    for kept in (AccessAttempt, AccessLog):
        kept.objects.filter(attempt_time__lt=before).delete()
