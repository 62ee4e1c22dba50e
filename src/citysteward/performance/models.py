"""The indicators that a city's pack names, as last loaded."""

from django.db import models

from citysteward.performance.documents import IndicatorsDocument


class IndicatorSet(models.Model):
    """What a pack's `indicators.yaml` says."""

    city = models.SlugField(primary_key=True)
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"indicators of {self.city}"

    def parsed(self) -> IndicatorsDocument:
        """The indicators as declared."""
        return IndicatorsDocument.model_validate_json(self.document)
