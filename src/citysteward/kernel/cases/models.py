"""Cases, their tasks, and the versioned procedures that they follow.

A case keeps its journal for ever; its engine state is dropped when it closes.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from citysteward.kernel.cases.types import (
    FINDING_WORDS,
    AttachmentKind,
    CaseStatus,
    Channel,
    FindingKind,
    TaskState,
)
from citysteward.lib.ids import uuid7
from citysteward.lib.words import Words


class Category(models.Model):
    """A kind of matter that people report; `public` ones are offered to citizens."""

    city = models.CharField(max_length=40)
    code = models.CharField(max_length=80)
    group_code = models.CharField(max_length=80)
    group_words = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    hint = models.JSONField(default=dict)
    keywords = models.JSONField(default=dict)
    group_aliases = models.JSONField(default=list)
    aliases = models.JSONField(default=list)
    public = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("city", "code"), name="category_code_per_city"),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def names(self) -> Words:
        return Words.of(self.words)

    @property
    def group_names(self) -> Words:
        return Words.of(self.group_words)

    @property
    def hint_words(self) -> Words:
        return Words.of(self.hint)


class ProcedureVersion(models.Model):
    """One version of a procedure: the pack's own files, kept for as long as a case follows them."""

    city = models.CharField(max_length=40)
    code = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    files = models.JSONField()
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ("city", "code", "-version")
        constraints = (
            models.UniqueConstraint(fields=("city", "code", "version"), name="procedure_version"),
        )

    def __str__(self) -> str:
        return f"{self.city}/{self.code} v{self.version}"


class Case(models.Model):
    """One matter from intake to rating. All times UTC."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=40, unique=True)
    follow_key = models.CharField(max_length=40)
    city = models.CharField(max_length=40)
    procedure = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    title = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", null=True
    )
    unit = models.ForeignKey("parties.Organisation", models.PROTECT, related_name="+", null=True)
    area = models.ForeignKey("areas.Area", models.PROTECT, related_name="+", null=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    address = models.CharField(max_length=300, blank=True)
    reporter = models.ForeignKey("parties.Person", models.PROTECT, related_name="+", null=True)
    reporter_account = models.ForeignKey(
        "parties.Account", models.PROTECT, related_name="+", null=True
    )

    status = models.CharField(max_length=20, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    outcome = models.CharField(max_length=40, blank=True)
    result = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    deadline = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    suspensions = models.JSONField(default=list)
    escalated_at = models.DateTimeField(null=True)
    reopened = models.PositiveIntegerField(default=0)
    reopen_grounds = models.JSONField(default=list)
    rework = models.PositiveIntegerField(default=0)
    rating = models.PositiveSmallIntegerField(null=True)
    rating_comment = models.TextField(blank=True)

    state = models.JSONField(null=True)
    next_timer_at = models.DateTimeField(null=True)
    seq = models.PositiveIntegerField(default=0)

    source = models.CharField(max_length=40, blank=True)
    source_id = models.CharField(max_length=80, blank=True)
    reference_verdict = models.CharField(max_length=20, null=True)  # noqa: DJ001 - null is a verdict of its own: the clock is suspended
    idempotency_key = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("-opened_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("source", "source_id"),
                name="case_once_per_source",
                condition=~Q(source_id=""),
            ),
            models.UniqueConstraint(
                fields=("city", "idempotency_key"),
                name="case_once_per_key",
                condition=~Q(idempotency_key=""),
            ),
        )
        indexes = (
            models.Index(fields=("city", "-opened_at"), name="case_city_opened"),
            models.Index(
                fields=("city", "due_at"), name="case_open_due", condition=Q(status="open")
            ),
            models.Index(
                fields=("next_timer_at",),
                name="case_next_timer",
                condition=Q(next_timer_at__isnull=False),
            ),
            models.Index(fields=("reporter_account", "-opened_at"), name="case_of_reporter"),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        """The case's name in the journal."""
        return f"case:{self.id}"

    @property
    def is_open(self) -> bool:
        return self.status == CaseStatus.OPEN

    @property
    def has_place(self) -> bool:
        return self.longitude is not None and self.latitude is not None


class Task(models.Model):
    """One step that waits for a role in an organisation, or for one person of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="tasks")
    city = models.CharField(max_length=40)
    token = models.CharField(max_length=40)
    node = models.CharField(max_length=120)
    words = models.JSONField(default=dict)
    role = models.CharField(max_length=20)
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", null=True
    )
    assignee = models.ForeignKey("parties.Account", models.PROTECT, related_name="+", null=True)
    assignee_name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, choices=TaskState.choices, default=TaskState.OPEN)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    done_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("opened_at",)
        indexes = (
            models.Index(
                F("city"),
                F("role"),
                F("organisation"),
                F("due_at").asc(nulls_last=True),
                F("id"),
                name="task_work_list",
                condition=Q(state="open"),
            ),
            models.Index(fields=("assignee",), name="task_mine", condition=Q(state="open")),
        )

    def __str__(self) -> str:
        return f"{self.node} of {self.case_id}"

    @property
    def names(self) -> Words:
        return Words.of(self.words)


class Attachment(models.Model):
    """A photo, stored under its SHA-256 below the media folder, cleaned of its metadata."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    kind = models.CharField(max_length=20, choices=AttachmentKind.choices)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("added_at",)

    def __str__(self) -> str:
        return self.name


class Finding(models.Model):
    """Something odd in the data of a case; see `FindingKind`."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="findings")
    city = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=("city", "kind"), name="finding_kind"),)
        constraints = (
            models.UniqueConstraint(fields=("case", "kind"), name="finding_once_per_case"),
        )
        verbose_name = _("finding")

    def __str__(self) -> str:
        return f"{self.kind} of {self.case_id}"

    @property
    def sentence(self) -> Words:
        """What is odd, in words."""
        return FINDING_WORDS[FindingKind(self.kind)]


class NumberSeries(models.Model):
    """The last serial given out per city and year; a row lock makes numbers unique and dense."""

    city = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("city", "year"), name="number_series"),)

    def __str__(self) -> str:
        return f"{self.city} {self.year}: {self.last}"
