"""The journal and the data's findings, for those who watch over the work."""

import json
from collections.abc import Mapping
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.types import FINDING_WORDS, FindingKind
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.journal import registry as verbs
from citysteward.kernel.journal.types import EntryView, JournalError
from citysteward.kernel.parties.access import principal_of, requires
from citysteward.kernel.parties.types import STAFF_ROLES
from citysteward.lib.words import Words
from citysteward.portals.governance.roles import WATCHERS
from citysteward.ui.types import Column, Link, Noted, SummaryItem, Table

ENTRIES = 50
SEALS = 12
PAGE_SIZE = 50


@requires(*WATCHERS)
@require_safe
def journal_page(request: HttpRequest) -> HttpResponse:
    """The latest entries and seals, and what holds sealing back, if anything does."""
    before = request.GET.get("before", "")
    entries = journal.latest(limit=ENTRIES, before=int(before) if before.isdecimal() else None)
    return render(
        request,
        "governance/journal.html",
        {
            "head": journal.head(),
            "table": _entry_table(entries),
            "seals": _seal_table(),
            "older": entries[-1].id if len(entries) == ENTRIES else None,
            "writer": journal.oldest_writer(),
        },
    )


def _entry_table(entries: list[EntryView]) -> Table:
    subjects = _subjects(entries)
    return Table(
        columns=[
            Column("id", _("Entry"), numeric=True),
            Column("what", pgettext("journal", "What happened")),
            Column("at", _("When")),
            Column("who", _("Who")),
            Column("seal", _("Seal"), numeric=True),
        ],
        rows=[
            {
                "id": Link(str(one.id), reverse("governance:entry", args=[one.id])),
                "what": Noted(_verb_words(one), subjects[one.subject]),
                "at": one.occurred_at,
                "who": one.actor_name or one.actor,
                "seal": one.segment,
            }
            for one in entries
        ],
        caption=_("Latest entries"),
        empty=_("The journal is empty."),
    )


def _subjects(entries: list[EntryView]) -> dict[str, str]:
    """What the entries are about: cases by their numbers, the rest as the journal calls it."""
    named = {one.subject: one.subject for one in entries}
    ids = [subject.removeprefix("case:") for subject in named if subject.startswith("case:")]
    found = cases.cases_by_id(ids)
    return named | {f"case:{key}": case.number for key, case in found.items()}


def _seal_table() -> Table:
    last = journal.head()
    numbers = range(last.number, max(last.number - SEALS, 0), -1) if last else ()
    seals = [found for number in numbers if (found := journal.seal(number)) is not None]
    return Table(
        columns=[
            Column("number", _("Seal"), numeric=True),
            Column("entries", _("Entries"), numeric=True),
            Column("at", _("Signed")),
            Column("root", _("Merkle root")),
        ],
        rows=[
            {
                "number": seal.number,
                "entries": seal.entries,
                "at": seal.signed_at,
                "root": f"{seal.root_hex[:16]}…",
            }
            for seal in seals
        ],
        caption=_("Latest seals"),
        empty=_("Nothing is sealed yet."),
    )


def _verb_words(one: EntryView) -> Words:
    return verbs.verb(one.kind, one.version).words


@requires(*STAFF_ROLES)
@require_safe
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One entry as it is stored, and the proof that it stands in a sealed segment."""
    found = _readable(request, entry_id)
    case = _case_number(found)
    return render(
        request,
        "governance/entry.html",
        {
            "entry": found,
            "words": _verb_words(found),
            "facts": _entry_facts(found),
            "payload": json.dumps(found.data(), ensure_ascii=False, indent=2),
            "case_number": case,
            "seal": journal.seal(found.segment) if found.segment else None,
        },
    )


@requires(*STAFF_ROLES)
@require_safe
def proof(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The inclusion proof as a file that anybody can check without the database."""
    found = _readable(request, entry_id)
    try:
        text = journal.proof(found.id).model_dump_json(indent=2)
    except JournalError as error:
        raise Http404(_("The entry is not sealed yet. Try again in a minute.")) from error
    return HttpResponse(
        text,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="entry-{found.id}-proof.json"'},
    )


def _readable(request: HttpRequest, entry_id: int) -> EntryView:
    """The entry, if the person watches over the work or may see the case that it is about."""
    found = journal.entry(entry_id)
    if found is None:
        raise Http404(_("There is no entry with this number."))
    principal = principal_of(request)
    if principal.has_role(*WATCHERS):
        return found
    kind, _colon, rest = found.subject.partition(":")
    if kind == "case" and cases.visible_to(principal).filter(pk=UUID(rest)).exists():
        return found
    raise PermissionDenied(_("This entry is about a matter of another organisation."))


def _entry_facts(one: EntryView) -> list[SummaryItem]:
    return [
        SummaryItem(_("Entry"), str(one.id)),
        SummaryItem(_("Verb"), f"{one.kind} v{one.version}"),
        SummaryItem(_("Subject"), one.subject),
        SummaryItem(_("Who"), one.actor_name or one.actor),
        SummaryItem(_("Happened"), one.occurred_at),
        SummaryItem(_("Recorded"), one.recorded_at),
        SummaryItem(_("Transaction"), str(one.txid)),
        SummaryItem(_("Seal"), str(one.segment) if one.segment else _("not sealed yet")),
    ]


def _case_number(one: EntryView) -> str:
    kind, _colon, rest = one.subject.partition(":")
    found: Mapping[str, cases.CaseRow] = cases.cases_by_id([rest]) if kind == "case" else {}
    return found[rest].number if rest in found else ""


@requires(*WATCHERS)
@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """What is odd in the data, by kind; all of it is kept and counted as it is."""
    counts = cases.finding_counts(areas.site_city().code)
    table = Table(
        columns=[Column("kind", _("Finding")), Column("cases", _("Cases"), numeric=True)],
        rows=[
            {
                "kind": Link(
                    FINDING_WORDS[FindingKind(one.kind)],
                    reverse("governance:findings-of-kind", args=[one.kind]),
                ),
                "cases": one.cases,
            }
            for one in counts
        ],
        caption=_("Findings"),
        caption_hidden=True,
        empty=_("Nothing odd has been found."),
    )
    return render(request, "governance/findings.html", {"table": table})


@requires(*WATCHERS)
@require_safe
def findings_of_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """The cases with a finding of one kind."""
    if kind not in {one.value for one in FindingKind}:
        raise Http404(_("There is no such finding."))
    found = cases.findings(areas.site_city().code, kind)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    table = Table(
        columns=[
            Column("case", _("Case")),
            Column("opened", _("Opened")),
            Column("closed", _("Closed")),
            Column("area", _("Area"), minor=True),
        ],
        rows=[
            {
                "case": Noted(
                    Link(one.case.number, reverse("staff:case", args=[one.case.number])),
                    one.case.category.names,
                ),
                "opened": one.case.opened_at,
                "closed": one.case.closed_at,
                "area": one.case.area.names if one.case.area else _("Unknown"),
            }
            for one in page.object_list
        ],
        caption=_("Cases with this finding"),
        caption_hidden=True,
    )
    context = {"words": FINDING_WORDS[FindingKind(kind)], "page": page, "table": table}
    return render(request, "governance/findings_of_kind.html", context)
