"""The accounts app's models."""

from accounts.models.base import BaseModel
from accounts.models.patient import Patient
from accounts.models.token_family import TokenFamily
from accounts.models.user import Role, User

__all__ = ["BaseModel", "Patient", "Role", "TokenFamily", "User"]
