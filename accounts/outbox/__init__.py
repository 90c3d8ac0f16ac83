"""The outbox: messages are written in the transaction of what they tell of, and delivered afterwards, once.

``enqueue`` writes; a worker calls ``sweep`` again and again, which is the truth, or ``deliver`` for one message as soon
as it is committed (a nudge, which may be lost). What a kind of message says its app tells by
``register``, in ``ready()``.
"""

from accounts.outbox.channels import chosen_by
from accounts.outbox.delivery import LEASE, deliver, deliver_due, due_ids, retry, sweep, waits_too_long
from accounts.outbox.kinds import Attachment, Kind, Letter, label, register, samples
from accounts.outbox.many import Note, enqueue_all
from accounts.outbox.post import enqueue, nudge_by
from accounts.outbox.retention import forget_old

__all__ = [
    "LEASE",
    "Attachment",
    "Kind",
    "Letter",
    "Note",
    "chosen_by",
    "deliver",
    "deliver_due",
    "due_ids",
    "enqueue",
    "enqueue_all",
    "forget_old",
    "label",
    "nudge_by",
    "register",
    "retry",
    "samples",
    "sweep",
    "waits_too_long",
]
