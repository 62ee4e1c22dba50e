"""A report under way: kept unreadable to others, and forgotten in time."""

import os
import time
from pathlib import Path

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from pytest_django import Settings

from citysteward.grid import drafts
from citysteward.kernel.cases.types import CaseError, Upload
from tests.city import photo


class Memory(SessionBase):
    """A session that lives as long as the test."""


@pytest.fixture
def request_(own_home: Path) -> HttpRequest:
    request = HttpRequest()
    request.session = Memory()
    return request


def test_a_saved_draft_comes_back_as_it_was(request_: HttpRequest) -> None:
    draft = drafts.load(request_)
    draft.keep("category", {"category": "pothole"}, right=True)
    draft.keep("place", {"address": "Tremont Street 12"}, right=False)
    draft.add_photo(Upload("hole.jpg", photo()))
    drafts.save(request_, draft)
    assert drafts.load(request_) == draft


def test_what_was_typed_is_not_readable_in_the_session(request_: HttpRequest) -> None:
    draft = drafts.load(request_)
    draft.keep("contact", {"name": "Grace Okafor", "phone": "617 555 0142"}, right=True)
    drafts.save(request_, draft)
    stored = repr(dict(request_.session.items()))
    assert "Grace" not in stored
    assert "0142" not in stored


def test_a_draft_sealed_under_another_key_is_forgotten(
    request_: HttpRequest, settings: Settings
) -> None:
    draft = drafts.load(request_)
    draft.keep("category", {"category": "pothole"}, right=True)
    drafts.save(request_, draft)
    settings.FIELD_ENCRYPTION_KEY = bytes(32)
    assert drafts.load(request_).answers == {}


def test_a_photo_is_cleaned_before_it_is_stored(request_: HttpRequest) -> None:
    draft = drafts.load(request_)
    draft.add_photo(Upload("big.png", photo(size=(4000, 100), kind="PNG")))
    stored = draft.path(draft.photos[0]).read_bytes()
    assert stored.startswith(b"\x89PNG")
    assert int.from_bytes(stored[16:20]) == 2560


def test_what_is_no_photo_is_refused_and_not_stored(request_: HttpRequest) -> None:
    draft = drafts.load(request_)
    with pytest.raises(CaseError) as refused:
        draft.add_photo(Upload("photo.jpg", b"<svg onload=alert(1)>"))
    assert refused.value.field_name == "photo"
    assert draft.photos == []
    assert not draft.folder.exists()


def test_a_removed_photo_leaves_no_file(request_: HttpRequest) -> None:
    draft = drafts.load(request_)
    draft.add_photo(Upload("a.jpg", photo()))
    path = draft.path(draft.photos[0])
    draft.remove_photo(draft.photos[0].id)
    assert draft.photos == []
    assert not path.exists()


def test_photos_of_forgotten_drafts_are_swept_and_fresh_ones_kept(request_: HttpRequest) -> None:
    old, fresh = drafts.Draft(), drafts.Draft()
    old.add_photo(Upload("old.jpg", photo()))
    long_ago = time.time() - drafts.KEPT_SECONDS - 60
    os.utime(old.folder, (long_ago, long_ago))
    fresh.add_photo(Upload("fresh.jpg", photo()))
    assert not old.folder.exists()
    assert fresh.path(fresh.photos[0]).exists()


def test_a_finished_draft_is_remembered_by_number_only(request_: HttpRequest) -> None:
    draft = drafts.load(request_)
    draft.keep("category", {"category": "pothole"}, right=True)
    draft.add_photo(Upload("a.jpg", photo()))
    drafts.save(request_, draft)
    drafts.finish(request_, draft, "BOS-2026-000001")
    assert drafts.load(request_).answers == {}
    assert not draft.folder.exists()
    assert drafts.sent_number(request_, draft.key) == "BOS-2026-000001"
    assert drafts.sent_number(request_) == "BOS-2026-000001"
    assert drafts.sent_number(request_, "another") == ""


def test_looking_at_a_step_again_unchanged_keeps_it_answered() -> None:
    draft = drafts.Draft()
    draft.keep("category", {"category": "pothole"}, right=True)
    draft.keep("category", {"category": "pothole"}, right=None)
    assert draft.done == ["category"]
    draft.keep("category", {"category": ""}, right=None)
    assert draft.done == []
