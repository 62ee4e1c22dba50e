"""A report under way: kept on the server from step to step, through a change of language too.

What was typed lies encrypted in the visitor's session; photos, already cleaned, lie in a folder
of the draft below the media folder. A draft that nobody touches for two days loses its photos.
"""

import json
import shutil
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest

from citysteward.kernel.cases.actions.photos import cleaned
from citysteward.kernel.cases.types import Upload
from citysteward.lib import crypto

SESSION_KEY = "report"
SENT_KEY = "reports_sent"
KEPT_SENT = 5
MOST_PHOTOS = 5
KEPT_SECONDS = 2 * 24 * 3600
_PLACE = "report draft"

Answers = Mapping[str, str]


@dataclass(frozen=True)
class DraftPhoto:
    """A cleaned photo that waits in the draft's folder."""

    id: str
    name: str
    media_type: str


@dataclass
class Draft:
    """What a visitor has answered so far. `key` makes that one draft opens one case.

    `answers`: per step what was typed, right or wrong. `done`: steps whose answers are right;
    `tried`: steps that were sent at least once; `checking`: all has been shown for checking.
    """

    key: str = field(default_factory=lambda: uuid4().hex)
    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    photos: list[DraftPhoto] = field(default_factory=list)
    checking: bool = False

    def answer(self, step: str) -> dict[str, str]:
        """What was typed at a step."""
        return self.answers.get(step, {})

    def keep(self, step: str, answers: Answers, *, right: bool | None) -> None:
        """Keep what was typed; `right` is None while nobody has judged it (a language switch)."""
        if right is None and dict(answers) == self.answer(step):
            return
        self.answers[step] = dict(answers)
        if step in self.done:
            self.done.remove(step)
        if right:
            self.done.append(step)
        if right is not None and step not in self.tried:
            self.tried.append(step)

    # -- photos

    @property
    def folder(self) -> Path:
        return drafts_folder() / self.key

    def photo(self, photo_id: str) -> DraftPhoto | None:
        """One of the draft's photos."""
        return next((photo for photo in self.photos if photo.id == photo_id), None)

    def path(self, photo: DraftPhoto) -> Path:
        """Where a photo of this draft lies."""
        return self.folder / photo.id

    def add_photo(self, upload: Upload) -> None:
        """Clean and keep a photo; raises CaseError for what is none."""
        clean = cleaned(upload)
        photo = DraftPhoto(uuid4().hex, clean.name, clean.media_type)
        sweep()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.path(photo)
        path.touch(mode=0o600)
        path.write_bytes(clean.content)
        self.photos.append(photo)

    def remove_photo(self, photo_id: str) -> None:
        """Forget a photo and delete its file."""
        photo = self.photo(photo_id)
        if photo is not None:
            self.path(photo).unlink(missing_ok=True)
            self.photos.remove(photo)

    def uploads(self) -> list[Upload]:
        """The photos as the case wants them.

        A file may be gone when the same draft was sent a moment ago: then its case is there, and
        opening it again returns that one.
        """
        found = []
        for photo in self.photos:
            with suppress(FileNotFoundError):
                found.append(Upload(photo.name, self.path(photo).read_bytes()))
        return found

    def discard_photos(self) -> None:
        """Delete the draft's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.photos.clear()


def drafts_folder() -> Path:
    """Where photos of unsent reports lie."""
    return Path(settings.MEDIA_ROOT) / "drafts"


def sweep() -> None:
    """Delete the folders of drafts that nobody has touched for two days."""
    root = drafts_folder()
    if not root.is_dir():
        return
    oldest = time.time() - KEPT_SECONDS
    for folder in root.iterdir():
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


# -- the session


def load(request: HttpRequest) -> Draft:
    """The visitor's draft, or a new one; photos whose files are gone are dropped."""
    stored = request.session.get(SESSION_KEY)
    values = _opened(stored) if isinstance(stored, str) else None
    if values is None:
        return Draft()
    draft = Draft(**{**values, "photos": [DraftPhoto(**photo) for photo in values["photos"]]})
    draft.photos = [photo for photo in draft.photos if draft.path(photo).exists()]
    return draft


def save(request: HttpRequest, draft: Draft) -> None:
    """Keep the draft for the next step."""
    request.session[SESSION_KEY] = _sealed(asdict(draft))
    if draft.photos:
        draft.folder.touch()


def discard(request: HttpRequest) -> None:
    """Forget the draft and its photos."""
    load(request).discard_photos()
    request.session.pop(SESSION_KEY, None)


def finish(request: HttpRequest, draft: Draft, number: str) -> None:
    """The draft has become a case: remember its number, so that sending again leads there."""
    draft.discard_photos()
    request.session.pop(SESSION_KEY, None)
    earlier: Sequence[Sequence[str]] = request.session.get(SENT_KEY, [])
    kept = [list(pair) for pair in earlier if pair[0] != draft.key]
    request.session[SENT_KEY] = [*kept, [draft.key, number]][-KEPT_SENT:]


def sent_number(request: HttpRequest, key: str = "") -> str:
    """The number of the report sent under `key`, or of the last one sent; else empty."""
    pairs: Sequence[Sequence[str]] = request.session.get(SENT_KEY, [])
    found = [number for sent_key, number in pairs if not key or sent_key == key]
    return found[-1] if found else ""


def _sealed(values: Mapping[str, object]) -> str:
    text = json.dumps(values, ensure_ascii=False)
    return b64encode(crypto.seal(settings.FIELD_ENCRYPTION_KEY, text, place=_PLACE)).decode()


def _opened(stored: str) -> dict[str, Any] | None:
    """The values, or None when the key has changed since: then the visitor starts anew."""
    try:
        text = crypto.unseal(settings.FIELD_ENCRYPTION_KEY, b64decode(stored), place=_PLACE)
    except crypto.CannotOpen:
        return None
    values: dict[str, Any] = json.loads(text)
    return values
