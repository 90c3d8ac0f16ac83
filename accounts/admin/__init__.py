"""The admin for clinic staff: its site, and the pages about people."""

from accounts.admin import patients, sign_ins, users

__all__ = ["patients", "sign_ins", "users"]
