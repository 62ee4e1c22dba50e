"""Every address says who may open it, and means it."""

import pytest
from django.test import Client
from ninja import NinjaAPI
from ninja.operation import Operation

from citysteward.grid.open311.rest import api
from citysteward.kernel.parties.access import Access
from citysteward.kernel.parties.types import STAFF_ROLES, Role
from tests import city
from tests.routes import Route, routes

ROUTES = routes()
GUARDED = [route for route in ROUTES if not route.is_public]
UNMARKED = {
    "set_language": "Django's own: keeps the visitor's language in a cookie, nothing else",
}
"""Views that cannot say who may open them, with the reason why anybody may."""
PUBLIC_POSTS = {
    "set_language": "keeps a cookie",
    "ui:mode": "keeps a cookie",
    "parties:sign-in": "how one stops being a stranger; guessing is slowed by axes",
    "parties:demo-sign-in": "there in demo mode only",
    "parties:sign-out": "ends one's own session",
    "parties:register": "how a citizen gets an account",
    "grid:report": "begins one's own draft anew",
    "grid:report-step": "keeps one's own draft",
    "grid:report-check": "anybody may report; slowed by grid.throttle",
    "citizen:rate": "the action wants the reporter, or the secret link's key",
    "citizen:reopen": "the action wants the reporter, or the secret link's key",
}
"""Public views that take more than questions, with the reason why that is safe."""
PEOPLE = {
    "grace": Role.CITIZEN, "paul": Role.HANDLER, "dora": Role.DISPATCHER, "cheng": Role.CHECKER,
    "sofia": Role.SUPERVISOR, "frank": Role.FINANCE, "alma": Role.AUDITOR,
    "adam": Role.ADMINISTRATOR, "olga": Role.OPERATOR,
}  # fmt: skip


def test_every_view_says_who_may_open_it() -> None:
    assert len(ROUTES) > 40
    silent = {str(route) for route in ROUTES if route.access is None}
    assert silent == UNMARKED.keys()
    for route in ROUTES:
        assert route.access in {None, "public"} or isinstance(route.access, Access), str(route)


def test_nothing_of_staff_and_governance_is_for_everybody() -> None:
    inner = [route for route in ROUTES if route.pattern.startswith(("staff/", "governance/"))]
    assert len(inner) > 20
    for route in inner:
        assert isinstance(route.access, Access), str(route)
        assert route.access.roles, str(route)
        assert route.access.roles <= frozenset(STAFF_ROLES), str(route)


def test_every_operation_of_the_api_that_writes_asks_for_a_key() -> None:
    writing = {
        operation.operation_id or operation.view_func.__name__: operation.auth_callbacks
        for operation in _operations(api)
        if operation.methods != ["GET"]
    }
    assert list(writing) == ["create_request"]
    assert all(writing.values())


def _operations(of: NinjaAPI) -> list[Operation]:
    return [
        operation
        for _prefix, router in of._routers
        for path_view in router.path_operations.values()
        for operation in path_view.operations
    ]


@pytest.mark.usefixtures("boston_db")
@pytest.mark.parametrize("route", GUARDED, ids=str)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_is_sent_to_sign_in(client: Client, route: Route, method: str) -> None:
    if route.access is None:
        pytest.skip(UNMARKED[str(route)])
    response = client.generic(method, route.path())
    if response.status_code == 302:
        assert response.headers["Location"].startswith("/sign-in/")
    else:
        assert response.status_code in {401, 403}


@pytest.mark.usefixtures("boston_db")
@pytest.mark.parametrize("person", PEOPLE)
def test_the_wrong_role_is_refused_everywhere(client: Client, person: str) -> None:
    assert {membership.role for membership in city.principal(person).memberships} == {
        PEOPLE[person]
    }
    client.force_login(city.account(person), backend="django.contrib.auth.backends.ModelBackend")
    closed = [
        route
        for route in GUARDED
        if isinstance(route.access, Access)
        and route.access.roles
        and PEOPLE[person] not in route.access.roles
    ]
    assert closed
    answers = {
        (str(route), method): client.generic(method, route.path()).status_code
        for route in closed
        for method in ("GET", "POST")
    }
    assert set(answers.values()) == {403}, answers


@pytest.mark.usefixtures("boston_db")
def test_it_is_known_which_public_pages_take_posts(client: Client) -> None:
    # What the API takes is said operation by operation, above.
    pages = [route for route in ROUTES if not str(route).startswith("grid:open311:")]
    public = [route for route in pages if route not in GUARDED or str(route) in UNMARKED]
    taking = {str(route) for route in public if client.post(route.path()).status_code != 405}
    assert taking == PUBLIC_POSTS.keys()
