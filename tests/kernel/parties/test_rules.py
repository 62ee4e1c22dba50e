import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.kernel.parties import rules
from citysteward.kernel.parties.rules import OrganisationChart, OrganisationNode
from citysteward.lib.words import Words

CHART = OrganisationChart(
    [
        OrganisationNode("city", "", "government"),
        OrganisationNode("roads", "city", "department", ("Roads", "PWD  Roads")),
        OrganisationNode("north", "roads", "unit", ("Roads",)),
    ]
)


def test_the_chart() -> None:
    assert CHART.subtree("roads") == {"roads", "north"}
    assert CHART.lineage("north") == ["north", "roads", "city"]
    assert "north" in CHART
    assert CHART.named("PWD Roads") == "roads"
    assert CHART.named("Roads", "department") == "roads"
    assert CHART.named("Roads", "unit") == "north"
    assert CHART.named("Roads", "company") is None
    with pytest.raises(KeyError):
        CHART.subtree("nowhere")


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳修", "欧阳*"),
        ("欧阳", "欧*"),
        ("Grace Okafor", "G**** O*****"),
        ("格蕾丝·奥卡福", "格******"),
        ("X", "X"),
        ("", ""),
    ],
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert rules.masked_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13800138000", "138****8000"), ("+16175550101", "+16*****0101"), ("1234567", "*****67"),
     ("", "")],
)  # fmt: skip
def test_phones_are_masked(phone: str, masked: str) -> None:
    assert rules.masked_phone(phone) == masked


def test_addresses_are_masked() -> None:
    assert rules.masked_email("grace@example.com") == "g****@example.com"
    assert rules.masked_email("g@example.com") == "g*@example.com"


@given(st.text(min_size=4, max_size=40))
def test_a_mask_never_shows_a_whole_name(name: str) -> None:
    words = name.split()
    if any(len(word) > 1 for word in words):
        assert rules.masked_name(name) != " ".join(words)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("138 0013 8000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("0086 13800138000", "13800138000"),
        ("+1 (617) 555-0101", "+16175550101"),
        ("Grace@Example.COM ", "grace@example.com"),
        ("12345", ""),
        ("a@b", ""),
        ("a b@c.de", ""),
        ("13800138000x", ""),
        ("", ""),
    ],
)
def test_contacts_have_one_plain_form(text: str, plain: str) -> None:
    assert rules.plain_contact(text) == plain


@given(st.text(max_size=60))
def test_the_plain_form_stays_as_it_is(text: str) -> None:
    plain = rules.plain_contact(text)
    assert rules.plain_contact(plain) == plain


def test_names_and_posts_in_words() -> None:
    assert rules.name_words(" 张  三 ") == Words(zh="张 三")
    assert rules.name_words("Rosa") == Words(en="Rosa")
    role = Words(en="Handler", zh="处置人员")
    assert rules.post_words(role, Words(en="Roads", zh="道路局")) == Words(
        en="Handler, Roads", zh="道路局处置人员"
    )
    assert rules.post_words(role, Words()) == role
