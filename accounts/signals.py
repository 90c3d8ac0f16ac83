"""News about people to the apps above this one.

``person_changed`` is sent **inside** the transaction of the change: a receiver's writes commit with it or not at all,
and a receiver that raises undoes it. Receivers must not call anything outside the database. It brings

``person``
    the :class:`accounts.models.User` as saved;
``change``
    one of ``role_changed``, ``deactivated``, ``reactivated``;
``by``
    the :class:`accounts.models.User` who did it;
``now``
    when (UTC).
"""

from django.dispatch import Signal

person_changed = Signal()
