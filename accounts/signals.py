"""News about people to the apps above this one.

``person_changed`` is sent **inside** the transaction of the change: a receiver's writes commit with it or not at all,
and a receiver that raises undoes it. Receivers must not call anything outside the database. It brings

``person``
    the :class:`accounts.models.User` as saved;
``change``
    one of ``role_changed``, ``deactivated``, ``reactivated``; or, from people who sign up themselves,
    ``wants_to_be_doctor``: a newcomer asks to be let in as a doctor, and has a patient's rights until somebody does; or
    ``starts_over``: somebody signs up anew with an address that was never proved, and the account made for it before is
    about to be deleted. Let go of what is only that person's wish; what really refers to him protects him; or
    ``linked``: the account is from now on that of a patient who was registered at the desk (``person.patient``);
``by``
    the :class:`accounts.models.User` who did it, which may be the person himself;
``now``
    when (UTC).

``sign_ins_ended`` is sent likewise, whenever all that programs may do in somebody's name ends: he signs out everywhere,
his password is another, his role changes, he is let go or comes back, his second factor is set up or reset. Whatever
else lets somebody in without asking who he is should end then too. It brings ``person`` and ``now``.
"""

from django.dispatch import Signal

person_changed = Signal()
sign_ins_ended = Signal()
