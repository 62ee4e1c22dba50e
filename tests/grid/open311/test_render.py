"""Both formats, against the specification's own examples and for any text."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.grid.open311.render import Format, Payload, as_json, as_xml, respond

DEFINITION: Payload = {
    "service_code": "DMV66",
    "attributes": [
        {
            "variable": True,
            "code": "WHISHETN",
            "datatype_description": None,
            "order": 1,
            "values": [{"key": "123", "name": "Ford"}, {"key": "124", "name": "Chrysler"}],
        }
    ],
}


def test_a_definition_reads_as_in_the_specification() -> None:
    assert as_xml("service_definition", DEFINITION).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<service_definition><service_code>DMV66</service_code><attributes><attribute>"
        "<variable>true</variable><code>WHISHETN</code><datatype_description />"
        "<order>1</order><values><value><key>123</key><name>Ford</name></value>"
        "<value><key>124</key><name>Chrysler</name></value></values>"
        "</attribute></attributes></service_definition>"
    )
    assert json.loads(as_json(DEFINITION)) == DEFINITION


@pytest.mark.parametrize(
    ("root", "item"),
    [("services", "service"), ("service_requests", "request"), ("errors", "error")],
)
def test_lists_name_their_items(root: str, item: str) -> None:
    document = ElementTree.fromstring(as_xml(root, [{"code": 404}, {"code": 400}]))  # noqa: S314
    assert (document.tag, [child.tag for child in document]) == (root, [item, item])
    assert len(ElementTree.fromstring(as_xml(root, []))) == 0  # noqa: S314


@given(st.text())
def test_any_text_makes_a_well_formed_document(text: str) -> None:
    document = ElementTree.fromstring(as_xml("service_requests", [{"description": text}]))  # noqa: S314
    read = document.findtext("request/description") or ""
    assert len(read) <= len(text)
    if text.isprintable():
        assert read == text


def test_what_xml_cannot_write_is_shown_as_a_gap() -> None:
    body = as_xml("discovery", {"contact": "a\x00b\x0bc\ufffed\r\ne\ud800"}).decode()
    assert "<contact>a\ufffdb\ufffdc\ufffdd\ne\ufffd</contact>" in body


def test_the_media_types_are_the_specifications() -> None:
    assert respond(Format.XML, "errors", [])["Content-Type"] == "text/xml; charset=utf-8"
    answer = respond(Format.JSON, "errors", ["路灯"], status=404)
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert (answer.status_code, answer.content) == (404, '["路灯"]'.encode())


def test_a_number_that_json_does_not_know_is_no_answer() -> None:
    with pytest.raises(ValueError, match="JSON"):
        as_json([float("nan")])
