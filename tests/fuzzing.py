"""Requests as nobody means them: every address, with whatever a query or a form can hold."""

import importlib
import inspect
import io
import pkgutil
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch
from hypothesis import strategies as st

import citysteward
from citysteward.grid.wizard import STEPS
from tests.routes import Route

Pairs = Sequence[tuple[str, str]]
_READ = re.compile(r'(?:GET|POST|query)(?:\.get|\.getlist)?[\[(]"(\w+)"')
HOSTILE = (
    "", " ", "\x00", "a\x00b", "0", "-1", "1", "2", "1e400", "1.5", "nan", "inf", "-inf", "1_0",
    "9" * 30, "-" + "9" * 30, "٣", "²", "0x10", "true", "None", "null", "%", "%s", "%(a)s", "{0}",
    "{{ x }}", "<script>alert(1)</script>", "'\"><b>", "' OR 1=1 --", "\\", "//evil.example/",
    "https://evil.example/", "javascript:alert(1)", "/staff/", "../../etc/passwd", "\u202eabc",
    "\ufffe", "𠮷", "中文", "é" * 300, "x" * 5000, "a,b,c,d", "\r\nSet-Cookie: a=b", "[]", "a[b]",
    "2015", "2015Q1", "2015Q9", "2015-01", "2015-13", "2015-02-30", "2015-H1", "0000", "0001",
    "0001-01-01", "9999", "9999Q4", "9999-12", "9999-12-31", "10000", "2015-01-01T00:00",
    "2015-01-01T25:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2015-W01",
    "2015-03-08T02:30", "20150101", "-71.06", "42.36", "181", "91",
    "-71.2,42.2,-70.9,42.4", "nan,nan,nan,nan", "inf,-inf,inf,inf", "1e308,1e308,-1e308,1e308",
    "400,400,500,500", "1,1,1,1", "3,2,1,0",
)  # fmt: skip
KNOWN = (
    "boston", "boston-311", "public-works-department", "boston-downtown", "street-light-outages",
    "on_time", "overdue", "cases", "elapsed_median", "numerator", "whole", "none", "organisation",
    "unit", "area", "category", "channel", "day", "week", "month", "quarter", "procedure", "web",
    "mine", "running", "new", "all", "done", "return", "send", "pass", "rework", "paul", "grace",
    "en", "zh-hans", "elder", "standard", "add", "place_unknown", "service-request",
)  # fmt: skip
TRAITS: Sequence[Mapping[str, str]] = (
    {}, {"HTTP_ACCEPT_LANGUAGE": "zh-CN"}, {"HTTP_HX_REQUEST": "true"},
    {"HTTP_ACCEPT_LANGUAGE": "x" * 600}, {"HTTP_IF_MODIFIED_SINCE": "never"},
    {"HTTP_X_FORWARDED_FOR": "a, b"}, {"HTTP_REFERER": "\x00://"}, {"HTTP_RANGE": "bytes=9-1"},
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """One request; `body` None means GET. Bytes that are no UTF-8 may stand in `junk`."""

    path: str
    query: Pairs
    body: Pairs | None
    uploads: Sequence[tuple[str, bytes]]
    traits: Mapping[str, str]
    junk: str

    def send(self, client: Client) -> int:
        """The status of the answer; what the view does not catch is raised."""
        address = f"{self.path}?{_encoded(self.query)}{self.junk}"
        if self.body is None:
            return client.get(address, **self.traits).status_code  # type: ignore[arg-type]
        if not self.uploads:
            return client.post(
                address, _encoded(self.body) + self.junk, _FORM, **self.traits  # type: ignore[arg-type]
            ).status_code  # fmt: skip
        data: dict[str, object] = dict(self.body)
        for name, content in self.uploads:
            data[name] = SimpleUploadedFile("photo.jpg", content, "image/jpeg")
        return client.post(address, data, **self.traits).status_code  # type: ignore[arg-type]


_FORM = "application/x-www-form-urlencoded"


def _encoded(pairs: Pairs) -> str:
    return "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)


@cache
def field_names() -> tuple[list[str], list[str]]:
    """Names that the pages read out of a query or a form, and those of their file fields."""
    source = Path(citysteward.__file__).parent
    plain = {
        name for file in source.rglob("*.py") for name in _READ.findall(file.read_text("utf-8"))
    }
    for module in pkgutil.walk_packages(citysteward.__path__, "citysteward."):
        if module.name.endswith(".forms"):
            importlib.import_module(module.name)
    files: set[str] = set()
    for form in _descendants(forms.Form):
        for name, field in form.declared_fields.items():
            (files if isinstance(field, forms.FileField) else plain).add(name)
    return sorted(plain), sorted(files)


def _names_near(route: Route) -> list[str]:
    """Names that are read in the room of the route's view."""
    module = inspect.unwrap(route.view).__module__
    if not module.startswith("citysteward."):
        return ["next", "language"]
    room = Path(sys.modules[module].__file__ or "").parent
    read = {name for file in room.glob("*.py") for name in _READ.findall(file.read_text("utf-8"))}
    for form in _descendants(forms.Form):
        if form.__module__.rpartition(".")[0] == module.rpartition(".")[0]:
            read |= form.declared_fields.keys()
    return sorted(read)


def _descendants(form: type[forms.Form]) -> list[type[forms.Form]]:
    below = form.__subclasses__()
    return [*below, *(deeper for one in below for deeper in _descendants(one))]


def attempts(
    route: Route, known: Mapping[str, Sequence[object]], photo: bytes
) -> st.SearchStrategy[Attempt]:
    """Requests to a route. `known` has real values for what varies in the address."""
    everywhere, files = field_names()
    plain = st.sampled_from(_names_near(route) or everywhere) | st.sampled_from(everywhere)
    told = [str(value) for values in known.values() for value in values]
    values = st.one_of(
        st.sampled_from(HOSTILE), st.sampled_from([*KNOWN, *told]), st.text(max_size=20)
    ).map(_sendable)
    pairs = st.lists(st.tuples(plain, values), max_size=8)
    upload = st.tuples(
        st.sampled_from(files or ["photo"]),
        st.sampled_from([photo, photo[:40], b"", b"\x89PNG\r\n\x1a\n", b"<svg/>", _gif()]),
    )
    return st.builds(
        Attempt,
        path=_paths(route, known),
        query=pairs,
        body=st.none() | pairs,
        uploads=st.lists(upload, max_size=2) if route.name != "set_language" else st.just([]),
        traits=st.sampled_from(TRAITS),
        junk=st.sampled_from(["", "", "", "&q=%ff%fe", "&page=%00", "&&;=", "&period=%C0%80"]),
    )


def _paths(route: Route, known: Mapping[str, Sequence[object]]) -> st.SearchStrategy[str]:
    """Addresses of the route: with real values, and with any that its pattern lets through."""

    def built(values: Mapping[str, object]) -> str:
        try:
            return route.path(**values)
        except NoReverseMatch:
            return ""

    parts = {
        name: st.sampled_from([*known.get(name, ()), *_odd(kind)])
        for name, kind in route.parameters.items()
    }
    return st.fixed_dictionaries(parts).map(built).filter(bool)


def _odd(kind: str) -> Sequence[object]:
    if kind == "IntConverter":
        return [0, 1, 2**31, 2**63, 10**40]
    if kind == "UUIDConverter":
        return ["00000000-0000-0000-0000-000000000000"]
    if kind == "SlugConverter":
        return ["x", "-", "x" * 3000, *STEPS]
    return [text for text in HOSTILE if text and "/" not in text]


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _gif() -> bytes:
    return io.BytesIO(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;").getvalue()
