"""Codes and keys for people to copy."""

from django import template

register = template.Library()


@register.filter
def in_fours(text: str) -> str:
    """``1234 5678`` for ``12345678``. Blanks do not count when it is typed in again."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
