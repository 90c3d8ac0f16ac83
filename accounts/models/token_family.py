"""Sign-ins through the API."""

from django.db import models

from accounts.models.base import BaseModel


class TokenFamily(BaseModel):
    """One sign-in through the API: all tokens that descend from it die together.

    Only the refresh token whose ``jti`` hashes to ``current_jti_hash`` (SHA-256, hex) may be spent; an older one that
    comes back was stolen or lost, and ends the family.
    """

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="token_families")
    current_jti_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API sign-in"
        verbose_name_plural = "API sign-ins"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} UTC"
