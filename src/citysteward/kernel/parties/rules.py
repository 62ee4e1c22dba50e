"""What parties are to each other and how they are shown: pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from citysteward.lib.words import Words

_CHINESE = re.compile(r"[㐀-鿿豈-﫿]")
_PHONE = re.compile(r"\+?[0-9]{7,15}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_HIDDEN = "*"
# Two-character surnames that a mask must not cut through.
# fmt: off
_LONG_SURNAMES = frozenset({
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫",
    "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文",
    "司徒", "夏侯", "轩辕", "端木", "南宫",
})
# fmt: on


@dataclass(frozen=True)
class OrganisationNode:
    """One organisation of the chart."""

    code: str
    parent: str
    kind: str
    aliases: tuple[str, ...] = ()


class OrganisationChart:
    """A city's organisations for looking up in bulk. Immutable once made."""

    def __init__(self, nodes: Iterable[OrganisationNode]) -> None:
        self._nodes: Mapping[str, OrganisationNode] = {node.code: node for node in nodes}

    def __contains__(self, code: str) -> bool:
        return code in self._nodes

    def subtree(self, code: str) -> frozenset[str]:
        """The organisation and everything in it; KeyError if it isn't there."""
        found = {self._nodes[code].code}
        row = [code]
        while row:
            row = [child for parent in row for child in self._children.get(parent, ())]
            found.update(row)
        return frozenset(found)

    def lineage(self, code: str) -> list[str]:
        """The organisation and those that it belongs to, nearest first; KeyError if not there."""
        chain = [code]
        while parent := self._nodes[chain[-1]].parent:
            chain.append(parent)
        return chain

    def named(self, text: str, kind: str = "") -> str | None:
        """The code of the organisation (of that kind) that other systems call `text`."""
        return self._by_alias.get((kind, " ".join(text.split())))

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        children: dict[str, list[str]] = {}
        for node in self._nodes.values():
            children.setdefault(node.parent, []).append(node.code)
        return children

    @cached_property
    def _by_alias(self) -> Mapping[tuple[str, str], str]:
        return {
            (kind, " ".join(alias.split())): node.code
            for node in self._nodes.values()
            for alias in node.aliases
            for kind in ("", node.kind)
        }


def name_words(name: str) -> Words:
    """A person's own name as words, told to be Chinese by its script."""
    name = " ".join(name.split())
    return Words(zh=name) if _CHINESE.search(name) else Words(en=name)


def masked_name(name: str) -> str:
    """ "张三丰" as "张**", "Grace Okafor" as "G**** O*****"."""
    name = name.strip()
    if _CHINESE.search(name):
        kept = 2 if name[:2] in _LONG_SURNAMES and len(name) > 2 else 1
        return name[:kept] + _HIDDEN * max(len(name) - kept, 1 if len(name) > 1 else 0)
    return " ".join(word[0] + _HIDDEN * (len(word) - 1) for word in name.split())


def masked_phone(phone: str) -> str:
    """All but the first three and last four signs hidden; of a short one all but two."""
    if len(phone) < 9:
        return _HIDDEN * max(len(phone) - 2, 0) + phone[-2:]
    return phone[:3] + _HIDDEN * (len(phone) - 7) + phone[-4:]


def masked_email(email: str) -> str:
    """ "grace@example.com" as "g****@example.com"."""
    user, at, domain = email.partition("@")
    return f"{user[:1]}{_HIDDEN * max(len(user) - 1, 1)}{at}{domain}" if at else _HIDDEN * len(user)


def plain_phone(text: str) -> str:
    """A phone number without spaces and signs, "" if it is none; +86 of a mobile is left out."""
    digits = re.sub(r"[\s().\-－—]", "", text)
    if not _PHONE.fullmatch(digits):
        return ""
    return re.sub(r"^(?:\+86|0086)(?=1[0-9]{10}$)", "", digits)


def plain_email(text: str) -> str:
    """An e-mail address in lower case, "" if it is none."""
    email = text.strip().lower()
    return email if _EMAIL.fullmatch(email) and len(email) <= 254 else ""


def plain_contact(text: str) -> str:
    """The one form in which a phone number or e-mail address is compared; "" if it is neither."""
    return plain_email(text) or plain_phone(text)


def post_words(role: Words, organisation: Words) -> Words:
    """ "Handler, Public Works Department"."""
    if not (organisation.en or organisation.zh):
        return role
    return Words(
        en=f"{role.en}, {organisation.en or organisation.zh}",
        zh=f"{organisation.zh or organisation.en}{role.zh}",
    )
