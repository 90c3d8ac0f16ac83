"""The admin for clinic staff: its site, and the pages about people."""

from accounts.admin import audit, libraries, patients, sign_ins, users

__all__ = ["audit", "libraries", "patients", "sign_ins", "users"]
