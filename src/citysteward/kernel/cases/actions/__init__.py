"""Every write on cases and procedures."""

from citysteward.kernel.cases.actions.bulk import ImportedCase, import_cases
from citysteward.kernel.cases.actions.clock import due_cases, resume, suspend, tick
from citysteward.kernel.cases.actions.closing import rate, reopen
from citysteward.kernel.cases.actions.intake import open_case
from citysteward.kernel.cases.actions.packs import load_categories, load_procedure
from citysteward.kernel.cases.actions.work import Completion, claim_task, complete_task

__all__ = [
    "Completion",
    "ImportedCase",
    "claim_task",
    "complete_task",
    "due_cases",
    "import_cases",
    "load_categories",
    "load_procedure",
    "open_case",
    "rate",
    "reopen",
    "resume",
    "suspend",
    "tick",
]
