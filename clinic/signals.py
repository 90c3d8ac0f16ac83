"""News from the clinic to the apps above it.

``appointment_changed`` is sent **inside** the transaction of every change of an appointment: a receiver's writes commit
with the change or not at all, and a receiver that raises undoes it. Receivers must not call anything outside the
database. It brings

``appointment``
    the :class:`clinic.models.Appointment` as saved;
``change``
    one of ``held``, ``booked``, ``cancelled``, ``moved``, and for moves ``before``: the (doctor id, starts_at) it had;
``by``
    the :class:`accounts.models.User` who did it, or None for a visitor's hold.
"""

from django.dispatch import Signal

appointment_changed = Signal()
