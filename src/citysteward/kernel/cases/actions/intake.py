"""Opening a case: checked, numbered, routed, its first task on somebody's list."""

import secrets
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from citysteward.kernel.areas import queries as areas
from citysteward.kernel.calendar import queries as calendar
from citysteward.kernel.cases import events
from citysteward.kernel.cases.actions import photos
from citysteward.kernel.cases.actions.loop import NEVER, Loop
from citysteward.kernel.cases.definition import ProcedureDef, definition
from citysteward.kernel.cases.models import Case, Category, NumberSeries, ProcedureVersion
from citysteward.kernel.cases.types import (
    AttachmentKind,
    CaseError,
    NewCase,
    Place,
    Reporter,
    Upload,
)
from citysteward.kernel.journal.actions import action
from citysteward.kernel.parties import actions as parties
from citysteward.kernel.parties.types import PartyError, Principal
from citysteward.lib.text import plain
from citysteward.lib.words import Words

LONGEST_DESCRIPTION = 4000


def open_case(new: NewCase, *, actor: Principal) -> Case:
    """Open a case, or return the one that the same idempotency key has already opened.

    Raises CaseError naming the field and the remedy; then nothing has been written.
    """
    cleaned = [photos.cleaned(upload) for upload in new.uploads]
    known = _already_opened(new)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _open(new, cleaned, actor=actor)
    except IntegrityError:
        # The same key arrived twice at once; the other request has just committed its case.
        known = _already_opened(new)
        if known is None:
            raise
        return known


def _already_opened(new: NewCase) -> Case | None:
    if not new.idempotency_key:
        return None
    return Case.objects.filter(city=new.city, idempotency_key=new.idempotency_key).first()


@action
def _open(new: NewCase, cleaned: list[photos.Photo], *, actor: Principal) -> Case:
    now = timezone.now()
    category = _category(new, actor)
    version = latest_version(new.city, new.procedure)
    place = _checked_place(new)
    area_code = place.area or _located(new.city, place)
    contact = _contact(new.reporter, actor=actor)
    case = Case(
        number=next_number(new.city, definition(version.pk).declared, now),
        follow_key=secrets.token_urlsafe(16),
        city=new.city,
        procedure=version,
        category=category,
        title=plain(new.title)[:300],
        description=_checked_description(new.description),
        channel=new.channel,
        area=areas.area(area_code) if area_code else None,
        longitude=place.longitude,
        latitude=place.latitude,
        address=place.address[:300],
        reporter_id=contact,
        reporter_account_id=new.reporter.account_id,
        opened_at=now,
        idempotency_key=new.idempotency_key,
        seq=1,
    )
    case.save()
    _begin(case, cleaned, area_code, actor=actor, now=now)
    return case


def _begin(
    case: Case, cleaned: list[photos.Photo], area_code: str, *, actor: Principal, now: datetime
) -> None:
    loop = Loop(case=case, actor=actor, now=now)
    case.seq = 0
    loop.fact(events.CASE_OPENED, events.CaseOpened, procedure_version=case.procedure.version)
    for photo in cleaned:
        photos.attach(loop, photo, AttachmentKind.REPORT)
    loop.start(
        category=case.category.code,
        area=area_code or None,
        organisation=None,
        unit=None,
        outcome=None,
        due=NEVER.isoformat(),
    )
    loop.save()


def latest_version(city: str, procedure: str) -> ProcedureVersion:
    """The version that new cases follow; raises CaseError when the pack is not loaded."""
    found = ProcedureVersion.objects.filter(city=city, code=procedure).first()
    if found is None:
        raise CaseError(
            Words(
                en=f"The procedure {procedure} of {city} is not loaded. Load the pack first.",
                zh=f"尚未载入 {city} 的办理流程 {procedure}，请先载入配置包。",
            )
        )
    return found


def next_number(city: str, declared: ProcedureDef, now: datetime) -> str:
    """The next number of the city's series for the local year, without gaps or doubles."""
    year = now.astimezone(calendar.calendar(declared.calendar).zone).year
    NumberSeries.objects.get_or_create(city=city, year=year)
    series = NumberSeries.objects.select_for_update().get(city=city, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return declared.number.format(year=year, serial=series.last)


def _category(new: NewCase, actor: Principal) -> Category:
    """What is not offered to citizens, only staff may open."""
    found = Category.objects.filter(city=new.city, code=new.category).first()
    if found is None or not (found.public or actor.is_staff):
        raise CaseError(
            Words(
                en="Choose what kind of problem it is from the list.",
                zh="请从列表中选择问题类别。",
            ),
            field_name="category",
        )
    return found


def _checked_description(text: str) -> str:
    cleaned = plain(text)
    if len(cleaned) > LONGEST_DESCRIPTION:
        raise CaseError(
            Words(
                en=f"Shorten the description to {LONGEST_DESCRIPTION} characters "
                f"(it has {len(cleaned)}).",
                zh=f"描述请控制在 {LONGEST_DESCRIPTION} 字以内（现有 {len(cleaned)} 字）。",
            ),
            field_name="description",
        )
    return cleaned


def _checked_place(new: NewCase) -> Place:
    place = replace(new.place, address=plain(new.place.address))
    if (place.longitude is None) != (place.latitude is None):
        raise _bad_place("Give both longitude and latitude.", "经度和纬度须同时提供。")
    if place.longitude is not None and place.latitude is not None:
        if not (-180 <= place.longitude <= 180 and -90 <= place.latitude <= 90):
            raise _bad_place(
                "Longitude must lie between -180 and 180, latitude between -90 and 90.",
                "经度须在 -180 至 180 之间，纬度须在 -90 至 90 之间。",
            )
        if areas.locate(new.city, [(place.longitude, place.latitude)]) == [None]:
            raise _bad_place(
                "This place lies outside the city. Choose a place inside its borders.",
                "该位置不在本市范围内，请在市域内选点。",
            )
    elif not place.address and not place.area:
        raise _bad_place(
            "Say where it is: choose a place on the map or write an address.",
            "请说明地点：在地图上选点或填写地址。",
        )
    known = areas.area_or_none(place.area) if place.area else None
    if place.area and (known is None or known.city_id != new.city):
        raise _bad_place("Choose an area from the list.", "请从列表中选择区域。")
    return place


def _bad_place(en: str, zh: str) -> CaseError:
    return CaseError(Words(en=en, zh=zh), field_name="place")


def _located(city: str, place: Place) -> str:
    if place.longitude is None or place.latitude is None:
        return ""
    return areas.locate(city, [(place.longitude, place.latitude)])[0] or ""


def _contact(reporter: Reporter, *, actor: Principal) -> UUID | None:
    if not (reporter.name or reporter.phone or reporter.email):
        return None
    try:
        return parties.note_contact(
            name=reporter.name, phone=reporter.phone, email=reporter.email, actor=actor.actor
        )
    except PartyError as error:
        raise CaseError(error.words, field_name=error.field_name) from error


def add_uploads(loop: Loop, uploads: list[Upload], kind: AttachmentKind) -> int:
    """Attach uploads to a case in motion; returns how many."""
    cleaned = [photos.cleaned(upload) for upload in uploads]
    for photo in cleaned:
        photos.attach(loop, photo, kind)
    return len(cleaned)
