"""From when on it is worth looking for a doctor's free times."""

from django.db import models


class OpeningHint(models.Model):
    """Before ``free_from`` the doctor has no free minute: a lower bound, so it may be too early and never too late.

    A memo of :mod:`clinic.slots.hints`, which alone writes it; without a row nothing is known.
    """

    doctor = models.OneToOneField(
        "clinic.Doctor", on_delete=models.CASCADE, primary_key=True, related_name="opening_hint"
    )
    free_from = models.DateTimeField()
    looked_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("looked_at",), name="hints_by_age"),)

    def __str__(self) -> str:
        return f"{self.free_from:%Y-%m-%d %H:%M} UTC"
