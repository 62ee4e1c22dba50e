"""Categories and cases as GeoReport tells them, in the reader's language.

Here it is decided what the public sees of a case; see the package's own text for the rule.
"""

from datetime import datetime, tzinfo

from citysteward.grid.open311.render import Payload
from citysteward.grid.open311.w3c import written
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.kernel.cases.types import Channel
from citysteward.lib.words import Words

WORDS_ARE_PUBLIC = frozenset({Channel.OPEN311})
"""Who reports through another channel does so to the city, not to the public."""
ADDRESS_IS_PUBLIC = WORDS_ARE_PUBLIC | {Channel.IMPORT}
"""Another system's address is its own; a citizen's, typed into a form, may say anything."""


def services(city: str, language: str) -> list[Payload]:
    """The kinds of reports that citizens may send, in the pack's order."""
    return [
        {
            "service_code": one.code,
            "service_name": one.names.in_language(language),
            "description": one.hint_words.in_language(language),
            "metadata": False,
            "type": "realtime",
            "keywords": _keywords(one.keywords, language),
            "group": one.group_names.in_language(language),
        }
        for one in cases.categories(city, public_only=True)
    ]


def _keywords(keywords: dict[str, list[str]], language: str) -> str:
    own = "zh" if language.startswith("zh") else "en"
    return ", ".join(keywords.get(own) or [])


def service_definition(code: str) -> Payload:
    """No service asks further questions yet, which its `metadata` says too."""
    return {"service_code": code, "attributes": []}


def service_request(case: CaseRow, zone: tzinfo, language: str) -> Payload:
    """A case as the public sees it; its tasks should be prefetched."""
    category = case.category
    wordy = case.channel in WORDS_ARE_PUBLIC
    return {
        "service_request_id": case.number,
        "status": "open" if case.is_open else "closed",
        "status_notes": (case.result if wordy else "") or _stage(case, language),
        "service_name": category.names.in_language(language),
        "service_code": category.code,
        "description": (case.description or None) if wordy else None,
        "agency_responsible": case.organisation.names.in_language(language)
        if case.organisation
        else None,
        "service_notice": None,
        "requested_datetime": written(case.opened_at, zone),
        "updated_datetime": written(_updated(case), zone),
        "expected_datetime": written(case.due_at, zone) if case.due_at else None,
        "address": _address(case, language),
        "address_id": None,
        "zipcode": None,
        "lat": case.latitude,
        "long": case.longitude,
        "media_url": None,
    }


def _stage(case: CaseRow, language: str) -> str | None:
    stages = cases.stages_of(case)
    now = [stage for stage in stages if stage.state == "now"] or stages[-1:]
    return now[0].words.in_language(language) if now else None


def _updated(case: CaseRow) -> datetime:
    """When it was closed, or else when something last happened to it."""
    if not case.is_open and case.closed_at is not None:
        return case.closed_at
    moments = [case.opened_at, case.suspended_at, case.escalated_at]
    moments += [moment for task in case.tasks.all() for moment in (task.opened_at, task.done_at)]
    return max(moment for moment in moments if moment is not None)


def _address(case: CaseRow, language: str) -> str | None:
    if case.address and case.channel in ADDRESS_IS_PUBLIC:
        return case.address
    if case.area is None:
        return None
    return Words(en=case.area.name_en, zh=case.area.name_zh).in_language(language) or None
