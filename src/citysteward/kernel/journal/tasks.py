"""The journal's upkeep in the background."""

from django.db import close_old_connections
from procrastinate.contrib.django import app

from citysteward.kernel.journal.lake import export_lake
from citysteward.kernel.journal.sealing import ensure_months, seal_segments

# Seconds are the sixth field.
EVERY_TEN_SECONDS = "* * * * * */10"


# No `lock`: a killed worker would hold it. Sealing and exporting take locks of their own, which
# end with the process, and a run that finds nothing new is over at once.
@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(name="journal.keep", queueing_lock="journal.keep")
def keep_journal(timestamp: int) -> None:  # noqa: ARG001 (procrastinate tells when it was due)
    """Make the coming month's partition, seal what is settled, export what is sealed."""
    # The thread lives longer than the database may.
    close_old_connections()
    ensure_months()
    seal_segments()
    export_lake()
