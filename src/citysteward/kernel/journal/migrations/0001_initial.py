"""The journal, its functions, its seals and the lake's books: plain SQL, for the database keeps it.

Nothing here can be undone: a journal that a migration could drop would be no journal.
"""

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).resolve().parents[1] / "sql"
_FILES = ("1_entries.sql", "2_functions.sql", "3_segments.sql", "4_lake.sql")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL((_SQL / name).read_text("utf-8")) for name in _FILES]
