"""The audit trail: who did what, written down in the transaction of the deed, and sealed against changes."""

from accounts.audit.seals import Flaw, Head, Report, head, seal, verify
from accounts.audit.trail import acting, difference, last_values, record, record_each
from accounts.models.audit import Outcome

__all__ = [
    "Flaw",
    "Head",
    "Outcome",
    "Report",
    "acting",
    "difference",
    "head",
    "last_values",
    "record",
    "record_each",
    "seal",
    "verify",
]
