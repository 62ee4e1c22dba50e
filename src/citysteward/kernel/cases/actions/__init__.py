"""Every write on cases and procedures."""

from citysteward.kernel.cases.actions.bulk import import_cases, note_import
from citysteward.kernel.cases.actions.clock import due_cases, resume, suspend, tick
from citysteward.kernel.cases.actions.closing import rate, reopen
from citysteward.kernel.cases.actions.intake import open_case
from citysteward.kernel.cases.actions.packs import add_category, load_categories, load_procedure
from citysteward.kernel.cases.actions.work import Completion, claim_task, complete_task

__all__ = [
    "Completion",
    "add_category",
    "claim_task",
    "complete_task",
    "due_cases",
    "import_cases",
    "load_categories",
    "load_procedure",
    "note_import",
    "open_case",
    "rate",
    "reopen",
    "resume",
    "suspend",
    "tick",
]
