"""The admin for clinic staff: its site, and the pages about people."""

from accounts.admin import audit, integrators, libraries, messages, patients, sign_ins, users

__all__ = ["audit", "integrators", "libraries", "messages", "patients", "sign_ins", "users"]
