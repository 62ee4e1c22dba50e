"""The governance portal's own pages: overview, findings, journal."""

import json

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.areas.types import CityView, NoCity
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.journal import registry as catalogue
from citysteward.kernel.journal.types import EntryView, JournalError, Seal, UndeclaredVerb
from citysteward.kernel.parties.access import principal_of, requires
from citysteward.kernel.parties.types import Role
from citysteward.lib.dates import Period
from citysteward.lib.words import Words
from citysteward.performance.queries import case_url
from citysteward.performance.registry import VIEWERS
from citysteward.portals.governance import overview as content
from citysteward.portals.governance.wording import finding_explained, finding_words
from citysteward.ui.types import Column, Link, Noted, SummaryItem, Table

JOURNAL_READERS = (Role.SUPERVISOR, Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR)
PAGE_SIZE = 50
SEALS_SHOWN = 20
ENTRIES_SHOWN = 25


@requires(*VIEWERS)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The state of the city's work at a glance, with its source."""
    city = _city(request)
    found = content.overview(city, _period(request), _operators(request))
    return render(
        request,
        "governance/home.html",
        {
            "city": city,
            "overview": found,
            "result": found.result,
            "findings": content.findings_summary(city.code),
        },
    )


@requires(*VIEWERS)
@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """What is odd in the data, by kind; nothing is dropped for it."""
    city = _city(request)
    rows = [
        {
            "kind": Noted(
                Link(finding_words(found.kind), f"{request.path}{found.kind}/"),
                finding_explained(found.kind),
            ),
            "cases": found.cases,
        }
        for found in cases.finding_counts(city.code)
    ]
    table = Table(
        [Column("kind", _("Finding")), Column("cases", _("Cases"), numeric=True)],
        rows,
        empty=_("Nothing odd was found."),
    )
    return render(request, "governance/findings.html", {"table": table})


@requires(*VIEWERS)
@require_safe
def finding(request: HttpRequest, kind: str) -> HttpResponse:
    """The cases with one kind of finding."""
    city = _city(request)
    page = Paginator(cases.findings(city.code, kind), PAGE_SIZE).get_page(request.GET.get("page"))
    if not page.paginator.count:
        raise Http404(_("There is no finding of this kind."))
    rows = [
        {
            "number": _case_cell(found.case.number),
            "category": found.case.category.names,
            "area": found.case.area.names if found.case.area else None,
            "opened": found.case.opened_at,
            "closed": found.case.closed_at,
        }
        for found in page.object_list
    ]
    table = Table(
        [
            Column("number", _("Case")),
            Column("category", _("Category")),
            Column("area", _("Area"), minor=True),
            Column("opened", _("Opened")),
            Column("closed", _("Closed")),
        ],
        rows,
    )
    return render(
        request,
        "governance/finding.html",
        {
            "words": finding_words(kind),
            "explained": finding_explained(kind),
            "table": table,
            "page": page,
            "total": page.paginator.count,
        },
    )


@requires(*JOURNAL_READERS)
@require_safe
def journal_page(request: HttpRequest) -> HttpResponse:
    """The seals of the journal and its latest entries; `?verify=1` checks all of it."""
    _city(request)
    head = journal.head()
    report = journal.verify() if "verify" in request.GET else None
    return render(
        request,
        "governance/journal.html",
        {
            "head": head,
            "lake": journal.lake_report(),
            "seals": _seals_table(head),
            "entries": _entries_table(journal.latest(limit=ENTRIES_SHOWN)),
            "report": report,
        },
    )


@requires(*JOURNAL_READERS)
@require_safe
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One journal entry, exactly as stored, with the proof that it is sealed."""
    _city(request)
    found = journal.entry(entry_id)
    if found is None:
        raise Http404(_("There is no journal entry of this number."))
    try:
        proof = journal.proof(entry_id)
    except JournalError as error:
        proved, proof_text, problem = False, "", str(error)
    else:
        proved, problem = journal.check_proof(proof, journal.trusted_keys()), ""
        proof_text = proof.model_dump_json(indent=2)
    return render(
        request,
        "governance/entry.html",
        {
            "entry": found,
            "facts": _entry_facts(found),
            "payload": json.dumps(found.data(), ensure_ascii=False, indent=2),
            "proved": proved,
            "proof": proof_text,
            "problem": problem,
        },
    )


def _city(request: HttpRequest) -> CityView:
    """The city, with its clock made the page's."""
    try:
        city = areas.city(request.GET["city"]) if "city" in request.GET else areas.site_city()
    except NoCity:
        city = None
    if city is None:
        raise Http404(_("No city is loaded."))
    timezone.activate(city.zone)
    return city


def _operators(request: HttpRequest) -> frozenset[str] | None:
    """Whose contracts the visitor may see: an operator only its own (None: everybody's)."""
    who = principal_of(request)
    if who.has_role(*JOURNAL_READERS):
        return None
    return frozenset(held.organisation_code or "" for held in who.memberships)


def _period(request: HttpRequest) -> Period | None:
    name = request.GET.get("period")
    if not name:
        return None
    try:
        return Period.parse(name)
    except ValueError as error:
        raise Http404(str(error)) from None


def _case_cell(number: str) -> object:
    url = case_url(number)
    return Link(number, url) if url else number


def _seals_table(head: Seal | None) -> Table:
    last = head.number if head else 0
    found = [journal.seal(number) for number in range(last, max(0, last - SEALS_SHOWN), -1)]
    return Table(
        [
            Column("number", _("Seal"), numeric=True),
            Column("signed", _("Signed")),
            Column("entries", _("Entries"), numeric=True),
            Column("root", _("Root")),
        ],
        [
            {
                "number": seal.number,
                "signed": seal.signed_at,
                "entries": seal.entries,
                "root": f"{seal.root_hex[:16]}…",
            }
            for seal in found
            if seal is not None
        ],
        empty=_("Nothing is sealed yet."),
    )


def _entries_table(entries: list[EntryView]) -> Table:
    return Table(
        [
            Column("id", _("Entry")),
            Column("kind", _("What happened")),
            Column("subject", _("About"), minor=True),
            Column("recorded", _("Recorded")),
            Column("segment", _("Seal"), numeric=True, minor=True),
        ],
        [
            {
                "id": Link(str(one.id), f"/governance/journal/{one.id}/"),
                "kind": Noted(verb_words(one), one.actor_name or one.actor),
                "subject": one.subject,
                "recorded": one.recorded_at,
                "segment": one.segment,
            }
            for one in entries
        ],
    )


def verb_words(one: EntryView) -> Words:
    """What happened, as the event catalogue says it."""
    try:
        return catalogue.verb(one.kind, one.version).words
    except UndeclaredVerb:
        return Words(en=one.kind)


def _entry_facts(found: EntryView) -> list[SummaryItem]:
    return [
        SummaryItem(_("What happened"), verb_words(found)),
        SummaryItem(_("By"), found.actor_name or found.actor),
        SummaryItem(_("About"), found.subject),
        SummaryItem(_("Happened"), found.occurred_at),
        SummaryItem(_("Recorded"), found.recorded_at),
        SummaryItem(_("Seal"), found.segment or _("not sealed yet")),
    ]
