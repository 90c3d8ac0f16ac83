"""The records app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    """What doctors know of patients, who may read it, and who did."""

    name = "records"
    verbose_name = _("Medical records")

    def ready(self) -> None:
        """Listen for news that open or close charts."""
        # Models can be imported only now that the apps are loaded.
        from accounts import holdings  # noqa: PLC0415  see above
        from accounts.signals import person_changed  # noqa: PLC0415  see above
        from clinic.models import Appointment  # noqa: PLC0415  see above
        from clinic.signals import appointment_changed  # noqa: PLC0415  see above
        from records import attachments, letters, visits  # noqa: PLC0415  see above
        from records.access import grants  # noqa: PLC0415  see above
        from records.holdings import tell  # noqa: PLC0415  see above

        letters.register()
        attachments.register()
        holdings.register("records", tell)
        grants.forget_ids()
        appointment_changed.connect(grants.follow_appointment, Appointment, dispatch_uid="records.access.appointment")
        appointment_changed.connect(visits.follow_appointment, Appointment, dispatch_uid="records.visits.appointment")
        person_changed.connect(grants.follow_person, dispatch_uid="records.access.person")
