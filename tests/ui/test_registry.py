"""Portals, navigation, and which entry is the present one."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

from citysteward.ui import context
from citysteward.ui.registry import Identity, NavEntry, Navigation, portal_of
from citysteward.ui.types import Visitor


def _view(_request: HttpRequest) -> HttpResponse:
    """Never called: only its address matters here."""
    raise AssertionError


urlpatterns = [
    path("staff/", _view, name="work"),
    path("staff/map/", _view, name="map"),
    path("staff/map/areas/", _view, name="areas"),
]


@pytest.fixture
def navigation(monkeypatch: pytest.MonkeyPatch) -> Navigation:
    own = Navigation()
    monkeypatch.setattr(context, "navigation", own)
    return own


@pytest.mark.parametrize(
    ("address", "portal"),
    [
        ("/", "citizen"),
        ("/report/", "citizen"),
        ("/staff/", "staff"),
        ("/staff", "staff"),
        ("/staffing/", "citizen"),
        ("/governance/statement/2015Q2/", "governance"),
        ("/ui/", "developer"),
    ],
)
def test_a_path_belongs_to_one_portal(address: str, portal: str) -> None:
    assert portal_of(address).code == portal


def test_entries_are_ordered_and_shown_by_role() -> None:
    navigation = Navigation()
    navigation.add(NavEntry("staff", "Map", "map", 20))
    navigation.add(NavEntry("staff", "Work", "work", 10, {"handler"}))
    navigation.add(NavEntry("citizen", "Home", "home", 1))
    assert [e.label for e in navigation.of("staff")] == ["Map"]
    assert [e.label for e in navigation.of("staff", {"handler"})] == ["Work", "Map"]
    assert [e.label for e in navigation.of("staff", {"checker"})] == ["Map"]


def test_an_entry_is_declared_once() -> None:
    navigation = Navigation()
    navigation.add(NavEntry("staff", "Map", "map", 20))
    navigation.add(NavEntry("staff", "Map", "map", 20))
    with pytest.raises(ValueError, match="already"):
        navigation.add(NavEntry("staff", "Another", "map", 30))
    assert len(navigation.of("staff")) == 1


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/staff/", {"work": "page"}),
        ("/staff/map/", {"map": "page"}),
        ("/staff/map/areas/", {"areas": "page"}),
        ("/staff/map/areas/12/", {"areas": "true"}),
        ("/staff/case/7/", {}),
    ],
)
def test_the_nearest_entry_is_the_present_one(
    navigation: Navigation, rf: RequestFactory, address: str, current: dict[str, str]
) -> None:
    for order, name in enumerate(("work", "map", "areas", "not-there")):
        navigation.add(NavEntry("staff", name, name, order))
    items = context.frame(rf.get(address))["navigation"]
    assert isinstance(items, list)
    assert [item.label for item in items] == ["work", "map", "areas"]
    assert {item.label: item.current for item in items if item.current} == current


def test_the_frame_knows_the_visitor_whom_parties_names(rf: RequestFactory) -> None:
    identity = Identity()
    assert not identity.visitor(rf.get("/")).signed_in
    known = Visitor("Ana", signed_in=True, roles=frozenset({"handler"}))
    identity.provide(lambda _request: known, sign_in="in", sign_out="out")
    assert identity.visitor(rf.get("/")) is known
    assert (identity.sign_in, identity.sign_out) == ("in", "out")
