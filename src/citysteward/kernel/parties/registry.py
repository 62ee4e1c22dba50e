"""What parties declare at start-up: verbs, sections of a pack, who the visitor is."""

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

from citysteward.kernel.journal import registry as journal
from citysteward.kernel.journal.types import Actor
from citysteward.kernel.parties import events
from citysteward.kernel.parties.actions import load_organisations, load_personas
from citysteward.kernel.parties.rules import plain_email, plain_phone
from citysteward.kernel.parties.types import (
    Kind,
    OrganisationDefinition,
    PersonaDefinition,
    PostDefinition,
    Role,
)
from citysteward.lib.identifiers import BadIdentifier, credit_code
from citysteward.lib.packs import (
    LoadReport,
    PackFinding,
    PackReader,
    Progress,
    Section,
    register,
)
from citysteward.lib.trees import CODE_PATTERN
from citysteward.lib.words import Words, WordsField

ORGANISATIONS = "organisations.yaml"
PEOPLE = "people.yaml"
AREAS = "areas.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OrganisationRow(_Strict):
    """An organisation as the pack writes it."""

    code: str = Field(pattern=CODE_PATTERN, max_length=120)
    kind: Kind
    names: WordsField
    parent: str = ""
    aliases: tuple[str, ...] = ()
    credit_code: str = ""


class OrganisationFile(_Strict):
    """`organisations.yaml`."""

    organisations: tuple[OrganisationRow, ...]


class PostRow(_Strict):
    """A role of a persona."""

    role: Role
    organisation: str = ""
    area: str = ""


class PersonRow(_Strict):
    """A persona as the pack writes it."""

    code: str = Field(pattern=CODE_PATTERN, max_length=80)
    names: WordsField
    note: WordsField = Words()
    phone: str = ""
    email: str = ""
    posts: tuple[PostRow, ...]


class PeopleFile(_Strict):
    """`people.yaml`."""

    people: tuple[PersonRow, ...]


def declare_all() -> None:
    """Called once by the app's `ready`."""
    for verb in events.ALL:
        journal.declare(verb)
    register(
        Section("organisations", order=30, check=check_organisations, load=load_organisation_file)
    )
    register(Section("people", order=35, check=check_people, load=load_people))


def check_organisations(pack: PackReader) -> list[PackFinding]:
    """Doubled codes and names, parents that aren't there, circles, bad credit codes, by line."""
    if not pack.exists(ORGANISATIONS):
        return []
    declared, found = pack.model(ORGANISATIONS, OrganisationFile)
    if declared is None:
        return found
    rows = declared.organisations
    found += _check_organisation_codes(pack, rows)
    above = {row.code: row.parent for row in rows}
    for i, row in enumerate(rows):
        if problem := _parent_problem(row, above):
            found.append(pack.finding(ORGANISATIONS, ("organisations", i, "parent"), problem))
        try:
            if row.credit_code:
                credit_code(row.credit_code)
        except BadIdentifier as error:
            where = ("organisations", i, "credit_code")
            found.append(pack.finding(ORGANISATIONS, where, error.words))
    return found


def load_organisation_file(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    """Add and change the pack's organisations as declared."""
    if not pack.exists(ORGANISATIONS):
        return LoadReport()
    rows = pack.read_model(ORGANISATIONS, OrganisationFile).organisations
    wanted = [
        OrganisationDefinition(
            row.code, row.kind, row.names, row.parent, row.aliases, row.credit_code
        )
        for row in rows
    ]
    created, changed, same = load_organisations(pack.code, wanted, actor=actor)
    progress(len(wanted), len(wanted))
    return LoadReport(created, changed, same)


def check_people(pack: PackReader) -> list[PackFinding]:
    """Doubled codes, posts in organisations or areas that aren't there, bad contacts, by line."""
    if not pack.exists(PEOPLE):
        return []
    declared, found = pack.model(PEOPLE, PeopleFile)
    if declared is None:
        return found
    organisations = _codes(pack, ORGANISATIONS, "organisations")
    areas = _codes(pack, AREAS, "areas")
    seen: set[str] = set()
    for i, row in enumerate(declared.people):
        if row.code in seen:
            found.append(pack.finding(PEOPLE, ("people", i, "code"), _twice(row.code)))
        seen.add(row.code)
        found += _check_contact(pack, i, row)
        for j, post in enumerate(row.posts):
            for field, code, known in (
                ("organisation", post.organisation, organisations),
                ("area", post.area, areas),
            ):
                if code and code not in known:
                    words = Words(
                        en=f"The pack has no {field} {code}: check the code.",
                        zh=f"配置包中没有编码 {code}，请核对。",
                    )
                    found.append(pack.finding(PEOPLE, ("people", i, "posts", j, field), words))
    return found


def load_people(pack: PackReader, actor: Actor, progress: Progress) -> LoadReport:
    """Make the pack's personas, in demo mode only."""
    if not pack.exists(PEOPLE) or not settings.CITYSTEWARD_DEMO:
        return LoadReport()
    rows = pack.read_model(PEOPLE, PeopleFile).people
    wanted = [
        PersonaDefinition(
            code=row.code,
            names=row.names,
            posts=tuple(
                PostDefinition(post.role, post.organisation, post.area) for post in row.posts
            ),
            note=row.note,
            phone=row.phone,
            email=row.email,
        )
        for row in rows
    ]
    created, changed, same = load_personas(wanted, actor=actor)
    progress(len(wanted), len(wanted))
    return LoadReport(created, changed, same)


def _check_organisation_codes(
    pack: PackReader, rows: tuple[OrganisationRow, ...]
) -> list[PackFinding]:
    found = []
    codes: set[str] = set()
    aliases: dict[tuple[Kind, str], str] = {}
    for i, row in enumerate(rows):
        where = ("organisations", i)
        if row.code in codes:
            found.append(pack.finding(ORGANISATIONS, (*where, "code"), _twice(row.code)))
        codes.add(row.code)
        for alias in row.aliases:
            if (row.kind, alias) in aliases:
                words = Words(
                    en=f"{alias} is already another name of {aliases[row.kind, alias]}.",
                    zh=f"别名“{alias}”已用于 {aliases[row.kind, alias]}。",
                )
                found.append(pack.finding(ORGANISATIONS, (*where, "aliases"), words))
            aliases.setdefault((row.kind, alias), row.code)
    return found


def _parent_problem(row: OrganisationRow, above: dict[str, str]) -> Words | None:
    seen = {row.code}
    parent = row.parent
    if parent and parent not in above:
        return Words(
            en=f"The parent {parent} is no organisation of this file: add it.",
            zh=f"上级机构 {parent} 不在本文件中，请补充。",
        )
    while parent and parent in above and parent not in seen:
        seen.add(parent)
        parent = above[parent]
    if parent and parent in seen:
        return Words(
            en=f"{row.code} belongs to itself by way of {row.parent}: name another parent.",
            zh=f"{row.code} 经 {row.parent} 隶属于自身，请改正上级机构。",
        )
    return None


def _check_contact(pack: PackReader, i: int, row: PersonRow) -> list[PackFinding]:
    wrong = []
    if row.phone and not plain_phone(row.phone):
        wrong.append("phone")
    if row.email and not plain_email(row.email):
        wrong.append("email")
    words = Words(
        en="Write a phone number like +1 617 555 0101 and an address like name@example.com.",
        zh="请填写正确的电话号码或电子邮箱。",
    )
    return [pack.finding(PEOPLE, ("people", i, field), words) for field in wrong]


def _codes(pack: PackReader, file: str, key: str) -> set[str]:
    """The codes in another section's file; that section says what is wrong with it."""
    value = pack.yaml(file).value if pack.exists(file) else None
    rows = value.get(key) if isinstance(value, dict) else None
    if not isinstance(rows, list):
        return set()
    return {str(row.get("code")) for row in rows if isinstance(row, dict)}


def _twice(code: str) -> Words:
    return Words(
        en=f"The code {code} stands twice: keep one.", zh=f"编码 {code} 重复，请保留一个。"
    )
