"""The admin for clinic staff: its site, and the pages about people."""

from accounts.admin import libraries, patients, sign_ins, users

__all__ = ["libraries", "patients", "sign_ins", "users"]
