"""Background work of the journal: sealing, and exporting what is sealed."""

from procrastinate.contrib.django import app

from citysteward.kernel.journal.actions import export_lake, seal_segments


@app.periodic(cron="* * * * *")
@app.task(queue="journal", queueing_lock="journal.keep")
def keep(_timestamp: int = 0) -> None:
    """Seal what is settled and bring the lake up to date. Run twice, it does nothing more."""
    seal_segments()
    export_lake()
