"""The outbox: messages are written in the transaction of what they tell of, and delivered afterwards, once.

``enqueue`` writes; a worker calls ``deliver_due`` again and again (``sweep`` is the truth), or ``deliver`` for one
message as soon as it is committed (a nudge, which may be lost). What a kind of message says its app tells by
``register``, in ``ready()``.
"""

from accounts.outbox.delivery import LEASE, deliver, deliver_due
from accounts.outbox.kinds import Attachment, Kind, Letter, register
from accounts.outbox.post import enqueue, nudge_by

__all__ = ["LEASE", "Attachment", "Kind", "Letter", "deliver", "deliver_due", "enqueue", "nudge_by", "register"]
