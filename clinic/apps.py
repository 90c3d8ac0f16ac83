"""The clinic app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    """Who can be seen, where, when, and by whom."""

    name = "clinic"
    verbose_name = _("Clinic")

    def ready(self) -> None:
        """Listen for news about people and appointments; say what is held about people here, and what they are told."""
        # Models can be imported only now that the apps are loaded.
        from accounts import holdings  # noqa: PLC0415  see above
        from accounts.signals import person_changed, sign_ins_ended  # noqa: PLC0415  see above
        from clinic import letters  # noqa: PLC0415  see above
        from clinic.applications import follow_newcomer  # noqa: PLC0415  see above
        from clinic.calendar_feed import follow_sign_ins  # noqa: PLC0415  see above
        from clinic.doctors import follow_person  # noqa: PLC0415  see above
        from clinic.holdings import tell  # noqa: PLC0415  see above
        from clinic.models import Appointment  # noqa: PLC0415  see above
        from clinic.news import follow_appointment  # noqa: PLC0415  see above
        from clinic.signals import appointment_changed  # noqa: PLC0415  see above

        holdings.register("clinic", tell)
        letters.register()
        appointment_changed.connect(follow_appointment, Appointment, dispatch_uid="clinic.news.follow_appointment")
        person_changed.connect(follow_person, dispatch_uid="clinic.doctors.follow_person")
        person_changed.connect(follow_newcomer, dispatch_uid="clinic.applications.follow_newcomer")
        sign_ins_ended.connect(follow_sign_ins, dispatch_uid="clinic.calendar_feed.follow_sign_ins")
