"""The accounts app's models."""

from accounts.models.audit import AuditEntry, AuditLink, Outcome
from accounts.models.base import BaseModel
from accounts.models.integrator import Integrator
from accounts.models.message import Channel, Message
from accounts.models.patient import Patient
from accounts.models.token_family import TokenFamily
from accounts.models.user import Role, User

__all__ = [
    "AuditEntry",
    "AuditLink",
    "BaseModel",
    "Channel",
    "Integrator",
    "Message",
    "Outcome",
    "Patient",
    "Role",
    "TokenFamily",
    "User",
]
