"""A report that came in through the API becomes a case, once."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from citysteward.grid.models import ApiKey
from citysteward.grid.open311 import keys
from citysteward.grid.open311.errors import Refusal
from citysteward.grid.open311.schemas import NewRequest
from citysteward.grid.queries import PROCEDURE
from citysteward.kernel.areas.types import CityView
from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.queries import CaseRow
from citysteward.kernel.cases.types import Channel, NewCase, Place, Reporter, Upload
from citysteward.kernel.journal.actions import action, unchanged
from citysteward.kernel.parties.types import Principal

MOST_PHOTOS = 5
LARGEST_PHOTO = 15 * 1024 * 1024
LONGEST_KEY = 255

_HAN = re.compile(r"[\u3400-\u9fff]")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


@dataclass(frozen=True)
class Sending:
    """One report as sent. `idempotency_key`: the header, or empty."""

    city: CityView
    report: NewRequest
    photos: "Sequence[UploadedFile[bytes]]"
    idempotency_key: str = ""


def receive(sending: Sending, *, key: ApiKey) -> CaseRow:
    """Open the report's case, or return the one that the same sending has opened already.

    Raises Refusal, CaseError or QuotaExceeded; then nothing has been written.
    """
    _check(sending)
    return _open_once(sending, key, actor=keys.principal(key))


@action
def _open_once(sending: Sending, key: ApiKey, *, actor: Principal) -> CaseRow:
    use = keys.lock_use(key, timezone.now().astimezone(sending.city.zone).date())
    sent_before = _stored_key(sending, key)
    if sent_before:
        city_cases = cases.public_cases(sending.city.code)
        known = city_cases.filter(idempotency_key=sent_before).first()
        if known is not None:
            return unchanged(known)
    keys.count_use(use, key.daily_quota)
    return actions.open_case(_new_case(sending, sent_before), actor=actor)


def _stored_key(sending: Sending, key: ApiKey) -> str:
    """Different holders may choose the same key: each has its own. A digest, as it must fit."""
    if not sending.idempotency_key:
        return ""
    told = f"{key.id}:{sending.idempotency_key}".encode()
    return f"open311:{hashlib.sha256(told).hexdigest()}"


def _new_case(sending: Sending, idempotency_key: str) -> NewCase:
    report = sending.report
    return NewCase(
        city=sending.city.code,
        procedure=PROCEDURE,
        category=report.service_code or "",
        description=_description(report),
        channel=Channel.OPEN311,
        place=Place(
            longitude=report.long, latitude=report.lat, address=report.address_string or ""
        ),
        reporter=Reporter(
            name=full_name(report.first_name or "", report.last_name or ""),
            phone=report.phone or "",
            email=report.email or "",
        ),
        uploads=[Upload(photo.name or "", photo.read()) for photo in sending.photos],
        idempotency_key=idempotency_key,
    )


def full_name(first: str, last: str) -> str:
    """A person's name in the order of its language: 王小明, Ada Lovelace."""
    if _HAN.search(first + last):
        return last + first
    return f"{first} {last}".strip()


def _description(report: NewRequest) -> str:
    """With the sender's photo address as its last line: staff decide whether to open it."""
    return "\n".join(filter(None, [report.description, report.media_url]))


def _check(sending: Sending) -> None:
    """Everything that the city's own rules don't check; raises Refusal naming all of it."""
    report = sending.report
    if report.service_code is None:
        raise Refusal(400, _("service_code: Say which service, from the list of services."))
    offered = {one.code for one in cases.categories(sending.city.code, public_only=True)}
    if report.service_code not in offered:
        raise Refusal(404, _("service_code: There is no such service."))
    wrong = [*_wrong_place(report), *_wrong_contact(report), *_wrong_media(sending)]
    if len(sending.idempotency_key) > LONGEST_KEY:
        wrong.append(_("Idempotency-Key: Shorten it to %s characters.") % LONGEST_KEY)
    if wrong:
        raise Refusal(400, *wrong)


def _wrong_place(report: NewRequest) -> list[str]:
    if (report.lat is None) != (report.long is None):
        return [_("lat, long: Give both or none.")]
    if report.lat is None and report.address_string is None:
        if report.address_id is not None:
            return [_("address_id: This city keeps no register of addresses. Give another place.")]
        return [_("Say where it is: give lat and long, or address_string.")]
    return []


def _wrong_contact(report: NewRequest) -> list[str]:
    if report.email is None:
        return []
    try:
        validate_email(report.email)
    except ValidationError:
        return [_("email: This is no email address.")]
    return []


def _wrong_media(sending: Sending) -> list[str]:
    wrong = []
    url = sending.report.media_url
    if url is not None and not _WEB_ADDRESS.fullmatch(url):
        wrong.append(_("media_url: Give an address that starts with https:// or http://."))
    if len(sending.photos) > MOST_PHOTOS:
        wrong.append(_("media: Send at most %s photos.") % MOST_PHOTOS)
    if any((photo.size or 0) > LARGEST_PHOTO for photo in sending.photos):
        wrong.append(_("media: Send photos of at most 15 MB each."))
    return wrong
