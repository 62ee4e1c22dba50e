"""What a report may hold: refused by field and remedy, and then nothing of it is left behind."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from citysteward.kernel.cases import actions
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.actions import photos
from citysteward.kernel.cases.models import Attachment, Case, NumberSeries, Task
from citysteward.kernel.cases.types import CaseError, Place, Reporter, Upload
from citysteward.kernel.journal import queries as journal
from citysteward.kernel.parties.models import Person
from citysteward.kernel.parties.types import Principal
from tests import city
from tests.stories import boston as story
from tests.stories.boston import new_case, persona, report
from tests.stories.conftest import Clock

pytestmark = pytest.mark.usefixtures("boston_db")
FAKE = Upload("photo.jpg", b"<?php system($_GET['c']); ?>" + b"\xff\xd8\xff\xe0 JFIF" * 9)
GOOD = Upload("good.jpg", city.photo())


def left_behind() -> tuple[int, ...]:
    """How much there is of everything that a report writes."""
    rows = (Case, Task, Attachment, Person)
    numbers = sum(NumberSeries.objects.values_list("last", flat=True))
    files = sum(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*"))
    entries = len(journal.latest(limit=100_000))
    return (*(model.objects.count() for model in rows), numbers, files, entries)


REFUSED = [
    ("category", {"category": "no-such-thing"}),
    ("category", {"category": ""}),
    ("category", {"category": "bed-bugs"}),
    ("description", {"description": "x" * 4001}),
    ("place", {"place": Place(*city.WORCESTER)}),
    ("place", {"place": Place(-70.7, 42.3603)}),
    ("place", {"place": Place(-71.0580)}),
    ("place", {"place": Place(200.0, 42.0)}),
    ("place", {"place": Place(float("nan"), 42.0)}),
    ("place", {"place": Place()}),
    ("place", {"place": Place(address=" \x00 ")}),
    ("place", {"place": Place(address="x", area="atlantis")}),
    ("photo", {"uploads": (FAKE,)}),
    ("photo", {"uploads": (GOOD, FAKE)}),
    ("photo", {"uploads": (Upload("photo.gif", city.photo(kind="GIF")),)}),
    ("photo", {"uploads": (Upload("empty.jpg", b""),)}),
    ("photo", {"uploads": (Upload("cut.jpg", city.photo(size=(640, 480))[:600]),)}),
    ("photo", {"uploads": (Upload("long.jpg", city.photo() + b"\0" * photos.LARGEST_BYTES),)}),
    ("email", {"reporter": Reporter(email="no address")}),
]


@pytest.mark.parametrize(("field", "changes"), REFUSED)
def test_a_report_is_refused_by_field_and_leaves_nothing(
    field: str, changes: dict[str, object]
) -> None:
    before = left_behind()
    with pytest.raises(CaseError) as refused:
        actions.open_case(new_case(**changes), actor=persona("grace"))
    assert refused.value.field_name == field
    assert refused.value.words.en
    assert refused.value.words.zh
    assert left_behind() == before


def test_what_is_not_offered_to_citizens_staff_may_report() -> None:
    case = report(persona("dora"), category="bed-bugs")
    assert case.category.code == "bed-bugs"
    with pytest.raises(CaseError):
        actions.open_case(new_case(category="bed-bugs"), actor=Principal.anonymous())


def test_the_same_key_opens_one_case_however_often_it_is_sent() -> None:
    new = new_case(uploads=(GOOD,))
    first = actions.open_case(new, actor=persona("grace"))
    before = left_behind()
    assert actions.open_case(new, actor=persona("grace")) == first
    assert left_behind() == before
    assert report() != report()


def test_text_comes_out_as_the_database_can_hold_it() -> None:
    case = report(
        title="A\x00B", description=" \ud800dark\x00\n夜里不亮\x07 ",
        place=Place(*city.CITY_HALL, address="1\x00 Square"),
    )  # fmt: skip
    assert (case.title, case.description, case.address) == ("AB", "dark\n夜里不亮", "1 Square")
    assert report(description="字" * 4000).description == "字" * 4000


def test_an_unknown_place_stays_unknown_and_is_routed_all_the_same() -> None:
    case = report(place=Place(address="somewhere near the harbour"))
    assert (case.area, case.longitude) == (None, None)
    assert story.whose(case) == ("public-works-department", "pwdx-street-light-outages")


def test_numbers_run_without_gaps_by_the_citys_year(clock: Clock) -> None:
    clock.at("2027-01-01T04:59:59+00:00")
    old = report()
    clock.at("2027-01-01T05:00:00+00:00")
    with pytest.raises(CaseError):
        actions.open_case(new_case(description="x" * 5000), actor=persona("grace"))
    assert [old.number, report().number, report().number] == [
        "BOS-2026-000001", "BOS-2027-000001", "BOS-2027-000002",
    ]  # fmt: skip


# -- photos


def test_a_photo_keeps_its_picture_and_nothing_else() -> None:
    upload = Upload("../../etc/passwd\x00.jpg", story.photo_with_place())
    assert b"SecretCamera" in upload.content
    (stored,) = cases.attachments_of(report(uploads=(upload,)))
    content = photos.path_of(stored.sha256).read_bytes()
    for secret in (b"SecretCamera", b"SecretComment", b"Exif", b"GPS"):
        assert secret not in content
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.size) == ("JPEG", (48, 64)), "turned upright"
    assert not picture.getexif()
    assert (stored.size, stored.media_type) == (len(content), "image/jpeg")
    assert photos.path_of(stored.sha256).is_relative_to(settings.MEDIA_ROOT)
    assert "\x00" not in stored.name


def test_a_png_loses_its_texts_and_profile() -> None:
    texts = PngInfo()
    texts.add_text("Author", "SecretAuthor")
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=texts, icc_profile=b"SecretProfile")
    assert b"SecretAuthor" in out.getvalue()
    cleaned = photos.cleaned(Upload("a.png", out.getvalue()))
    assert set(Image.open(io.BytesIO(cleaned.content)).info) == set()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_bytes_say_what_a_photo_is_and_not_its_name(kind: str) -> None:
    cleaned = photos.cleaned(Upload("photo.exe", city.photo(kind=kind)))
    assert cleaned.media_type == f"image/{kind.lower()}"


def test_a_photo_with_a_payload_behind_it_is_drawn_anew() -> None:
    cleaned = photos.cleaned(Upload("a.jpg", city.photo() + b"<script>alert(1)</script>"))
    assert b"<script>" not in cleaned.content


def test_a_huge_photo_is_made_smaller() -> None:
    cleaned = photos.cleaned(Upload("a.jpg", city.photo(size=(6000, 3000))))
    assert Image.open(io.BytesIO(cleaned.content)).size == (2560, 1280)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [9_000, 14_000])
def test_a_bomb_is_refused_before_it_unpacks(side: int) -> None:
    with pytest.raises(CaseError) as refused:
        photos.cleaned(Upload("bomb.png", story.bomb(side)))
    assert refused.value.field_name == "photo"


SEEDS = [city.photo(kind=kind, size=(24, 16)) for kind in ("JPEG", "PNG", "WEBP")]
SEEDS.append(story.photo_with_place())


@hypothesis_settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=8),
    st.integers(0, 40),
)
def test_torn_photos_are_cleaned_or_refused_and_nothing_else(
    seed: bytes, edits: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(seed[: len(seed) - cut])
    for place, value in edits:
        content[place % len(content)] = value
    try:
        cleaned = photos.cleaned(Upload("a.jpg", bytes(content)))
    except CaseError:
        return
    Image.open(io.BytesIO(cleaned.content)).load()


def test_a_bad_photo_of_the_result_leaves_the_task_as_it_was() -> None:
    case = report()
    before = left_behind()
    how = actions.Completion("done", note="Done.", uploads=(GOOD, FAKE))
    with pytest.raises(CaseError) as refused:
        story.finish(case, how, "paul")
    assert refused.value.field_name == "photo"
    assert story.waiting(case).node == "handle"
    assert left_behind() == before
