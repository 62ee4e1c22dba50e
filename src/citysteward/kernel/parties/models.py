"""Tables of persons, organisations, accounts and memberships."""

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.utils import timezone

from citysteward.kernel.parties.types import Kind, Role
from citysteward.lib.ids import uuid7
from citysteward.lib.trees import LtreeField
from citysteward.lib.words import Words


class Chart(models.Model):
    """A city's organisation chart; `revision` is new at each change of any organisation."""

    city = models.SlugField(max_length=80, primary_key=True)
    revision = models.UUIDField()

    def __str__(self) -> str:
        return self.city


class Organisation(models.Model):
    """A body, a department, a unit of one, or a company. `aliases` are what files call it."""

    code = models.SlugField(max_length=120, unique=True)
    chart = models.ForeignKey(Chart, models.PROTECT, related_name="organisations", db_column="city")
    kind = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Kind])
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    aliases = ArrayField(models.CharField(max_length=200), default=list)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    path = LtreeField()
    credit_code = models.CharField(max_length=18, blank=True)

    class Meta:
        ordering = ["path"]
        indexes = [GistIndex(fields=["path"], name="organisation_path")]

    def __str__(self) -> str:
        return self.code

    @property
    def names(self) -> Words:
        return Words(en=self.name_en, zh=self.name_zh)

    @property
    def city(self) -> str:
        """The pack code of its city."""
        return self.chart_id

    @property
    def subject(self) -> str:
        """What the journal calls it."""
        return f"organisation:{self.code}"


class Person(models.Model):
    """A natural person. What is personal is sealed; see `sealed` for reading it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    name = models.BinaryField(default=b"")
    phone = models.BinaryField(default=b"")
    email = models.BinaryField(default=b"")
    identity = models.BinaryField(default=b"")
    added_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.id)

    @property
    def subject(self) -> str:
        """What the journal calls the person."""
        return f"person:{self.id}"


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts with a hashed password."""

    def create_user(
        self, username: str, password: str | None = None, *, person: Person | None = None
    ) -> "Account":
        """A new active account; without a password nobody can sign in with it."""
        account = self.model(username=username, person=person)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A sign-in; what it may do follows from the memberships of its person.

    A citizen's user name is a keyed digest of the phone number or e-mail address, which is
    nowhere kept in plain. A persona's account has no password and works in demo mode only.
    """

    username = models.CharField(max_length=150, unique=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True)
    person = models.OneToOneField(Person, models.PROTECT, null=True, related_name="account")
    is_persona = models.BooleanField(default=False)
    note_en = models.TextField(blank=True)
    note_zh = models.TextField(blank=True)
    position = models.PositiveIntegerField(default=0)

    objects = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.username

    @property
    def note(self) -> Words:
        """What to try as this persona."""
        return Words(en=self.note_en, zh=self.note_zh)

    @property
    def subject(self) -> str:
        """What the journal calls it."""
        return f"account:{self.pk}"


class Membership(models.Model):
    """A role of a person in an organisation and an area, with all below (null: anywhere)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Role])
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="memberships"
    )
    area = models.ForeignKey("areas.Area", models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["role", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "organisation", "area"],
                name="membership_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.person_id}"

    @property
    def party_id(self) -> UUID:
        return self.person_id
