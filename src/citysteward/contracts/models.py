"""Contracts as loaded from packs, and the appraisals that were frozen under them.

Versions and appraisals are only ever added: triggers refuse any change (see the first migration).
"""

from django.db import models

from citysteward.contracts.documents import ContractDocument
from citysteward.lib.dates import Period


class Contract(models.Model):
    """A contract by its code, and the version of its text that counts now."""

    code = models.SlugField(primary_key=True)
    city = models.SlugField(db_index=True)
    operator = models.CharField(max_length=100)
    current = models.ForeignKey(
        "ContractVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return self.code

    @property
    def text(self) -> ContractDocument:
        """The contract as it now reads."""
        if self.current is None:
            raise ValueError(f"contract {self.code} has no version")
        return self.current.parsed()


class ContractVersion(models.Model):
    """One version of a contract's text, never changed."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="versions")
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "sha256"], name="contracts_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.sha256[:12]}"

    def parsed(self) -> ContractDocument:
        """The contract as this version reads."""
        return ContractDocument.model_validate_json(self.document)


class Appraisal(models.Model):
    """A period's appraisal, frozen: its exact bytes and the seal that they were computed from.

    `result` is canonical JSON (see `appraisals`), `sha256` its hash. `as_of` is aware. `entry`
    is the id of the journal entry that tells of it.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="appraisals")
    version = models.ForeignKey(ContractVersion, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=25)
    starts = models.DateField()
    ends = models.DateField()
    as_of = models.DateTimeField()
    seal_number = models.BigIntegerField()
    seal_root = models.CharField(max_length=64)
    result = models.TextField()
    sha256 = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    due = models.DecimalField(max_digits=20, decimal_places=4)
    rectification = models.BooleanField()
    frozen_at = models.DateTimeField()
    frozen_by = models.CharField(max_length=200)
    entry = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "period"], name="contracts_period_once")
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.period}"

    def span(self) -> Period:
        """The period as local dates."""
        return Period(self.starts, self.ends)
