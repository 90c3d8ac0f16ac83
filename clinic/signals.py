"""News from the clinic to the apps above it.

``appointment_changed`` is sent **inside** the transaction of every change of an appointment: a receiver's writes commit
with the change or not at all, and a receiver that raises undoes it. Receivers must not call anything outside the
database. It brings

``appointment``
    the :class:`clinic.models.Appointment` as saved;
``change``
    one of ``booked``, ``cancelled``, ``moved``, ``restored`` (a cancellation was taken back: it stands as it stood, its
    sequence has risen); of a visit's way ``arrived``, ``started``, ``completed``, ``no_show`` (its time is free again)
    and ``undone`` (any of these four was taken back). Of a visit's way patients are told nothing;
``before``
    with ``moved`` the (doctor id, starts_at) it had; with ``restored``, ``undone`` and the four steps the
    :class:`clinic.models.Status` it had;
``by``
    the :class:`accounts.models.User` who did it; of a patient who answered by a link, his account, or None without one;
``now``
    when.

A hold is nobody's appointment yet and makes no news.
"""

from django.dispatch import Signal

appointment_changed = Signal()
