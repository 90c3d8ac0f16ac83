"""Who may do what: a row for each address, by the name of its route; what no row allows is denied.

A row gives for each method the letters (``world.ACTORS``) of those for whom the door opens; what they are told behind
it is other tests' business. With ``thing`` the address is that of something of alice's; whoever is not allowed there is
answered as if there were no such thing.
"""

from dataclasses import dataclass, field

ANYBODY = "nabcdrmsx"
VALID = "nabcdrms"
"""Anybody but who brings credentials that are no good any more."""
SIGNED_IN = "abcdrms"
CARING = "acrms"
"""Alice, her doctor, and staff."""
READERS = "ac"
"""Alice, and the doctor who treats her."""
STAFF = "rms"
ADMINS = "ms"
NOBODY = ""


@dataclass(frozen=True)
class Row:
    """Letters by method; the model of the thing in the address, if there is one."""

    methods: dict[str, str] = field(default_factory=dict)
    thing: str = ""
    known_to: str = ""
    """Who sees the thing elsewhere, and may learn here that it exists."""


def page(get: str = "", post: str = "", thing: str = "") -> Row:
    """A page of the portal: what may be posted is what may be sent by any other method too, if it is taken at all."""
    return Row({"GET": get, "POST": post}, thing)


def api(thing: str = "", **methods: str) -> Row:
    """An endpoint."""
    return Row(methods, thing)


PORTAL = {
    "find": page(ANYBODY),
    **{name: page(ANYBODY) for name in ("doctors", "doctor", "departments", "department")},
    # Dr. Chen has none.
    "doctor-picture": page(NOBODY),
    "start": page(SIGNED_IN),
    "hold": page(post=ANYBODY),
    "details": page(ANYBODY, ANYBODY),
    "keep": page(post=ANYBODY),
    "give-back": page(post=ANYBODY),
    "my-appointments": page(SIGNED_IN),
    "booked": page(CARING, thing="Appointment"),
    "calendar-file": page(CARING, thing="Appointment"),
    "move": page(CARING, CARING, thing="Appointment"),
    "cancel": page(CARING, CARING, thing="Appointment"),
    "undo-cancel": page(post=CARING, thing="Appointment"),
    # Whoever holds a mailed link, and nobody here has one.
    "answer": page(NOBODY, NOBODY),
    "my-calendar": page(SIGNED_IN),
    "set-calendar-feed": page(post=SIGNED_IN),
    "close-calendar-feed": page(post=SIGNED_IN),
    # Whoever knows somebody's secret, and nobody here knows one.
    "calendar-feed": page(NOBODY),
    # Staff is shown where its own day is.
    "day": page("cdrms"),
    "agenda": page(post="cd"),
    # No step is called as the sample address says.
    "visit-step": page(post=NOBODY, thing="Appointment"),
    **{name: page("cd") for name in ("my-week", "my-to-be-moved")},
    **{name: page("cd", "cd") for name in ("my-hours", "my-leave")},
    **{name: page(post="cd") for name in ("copy-my-day", "my-extra-hours")},
    # Theirs alone, whose calendar it is.
    "change-my-hours": page("c", "c", thing="WeeklyHours"),
    "remove-my-hours": page(post="c", thing="WeeklyHours"),
    "remove-my-leave": page(post="c", thing="ScheduleException"),
    "move-one": page(post="c", thing="Appointment"),
    "follow-up": page("c", "c", thing="Appointment"),
    "message-samples": page(STAFF),
    # No message is called as the sample address says.
    "message-sample": page(NOBODY),
    "docs": page(ANYBODY),
    "redoc": page(ANYBODY),
    "live": page(ANYBODY),
    "ready": page(ANYBODY),
    "well": page(ANYBODY),
}

ENTRANCE = {
    "account_login": page(ANYBODY, ANYBODY),
    "account_signup": page(ANYBODY, ANYBODY),
    "account_logout": page(ANYBODY, ANYBODY),
    "signed-out": page(ANYBODY),
    "account_inactive": page(ANYBODY),
    "account_reset_password": page(ANYBODY, ANYBODY),
    "account_reset_password_done": page(ANYBODY),
    "account_reset_password_from_key": page(ANYBODY, ANYBODY),
    "account_reset_password_from_key_done": page(ANYBODY),
    # For those who are half-way in; whoever is in or out is sent on.
    "account_email_verification_sent": page(SIGNED_IN, SIGNED_IN),
    "account_confirm_login_code": page(SIGNED_IN, SIGNED_IN),
    "mfa_authenticate": page(SIGNED_IN, SIGNED_IN),
    # By script only; whoever is in is sent on.
    "mfa_login_webauthn": page(SIGNED_IN, SIGNED_IN),
    "socialaccount_login_cancelled": page(ANYBODY),
    # Asks for the date of birth, whether the link is good or none.
    "claim": page(ANYBODY, ANYBODY),
    "socialaccount_login_error": page(NOBODY),
    "socialaccount_signup": page(NOBODY, NOBODY),
    # No provider is configured.
    **{
        f"{provider}_{what}": page(NOBODY, NOBODY)
        for provider in ("google", "github", "microsoft", "openid_connect")
        for what in ("login", "callback")
    },
    "google_login_by_token": page(NOBODY, NOBODY),
}

ACCOUNT = {
    name: page(SIGNED_IN, SIGNED_IN)
    for name in (
        *("my-profile", "account_email", "account_change_password", "account_set_password", "account_reauthenticate"),
        *("socialaccount_connections", "applications"),
        *("mfa_activate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn"),
        *("mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn"),
    )
} | {
    "set-picture": page(post=SIGNED_IN),
    "remove-picture": page(post=SIGNED_IN),
    "picture": page(NOBODY),
    "my-data": page(SIGNED_IN),
    "my-record-file": page(post=SIGNED_IN),
    "my-sessions": page(SIGNED_IN),
    "still-here": page(post=SIGNED_IN),
    "usersessions_list": page(SIGNED_IN),
    "end-session": page(post=NOBODY),
    "end-all-sessions": page(post=SIGNED_IN),
    "mfa_index": page(SIGNED_IN),
    "mfa_list_webauthn": page(SIGNED_IN),
    # Nobody in the world has a factor.
    "mfa_deactivate_totp": page(NOBODY, NOBODY),
    "mfa_view_recovery_codes": page(NOBODY),
    "mfa_download_recovery_codes": page(NOBODY),
}

IDENTITY = {
    "idp:oidc:configuration": page(ANYBODY),
    "idp:oidc:jwks": page(ANYBODY),
    "idp:oidc:authorization": page(ANYBODY, ANYBODY),
    "idp:oidc:token": page(post=ANYBODY),
    "idp:oidc:revoke": page(post=ANYBODY),
    "idp:oidc:userinfo": page(NOBODY, NOBODY),
}

DESK = {
    "admin:desk-day-sheet": page(STAFF, STAFF),
    "admin:desk-day-sheet-file": page(post=STAFF),
    "admin:desk-visit-step": page(post=STAFF, thing="Appointment"),
    "admin:desk-public-holidays": page(ADMINS, ADMINS),
    "admin:desk-move": page(STAFF, STAFF, thing="ToBeMoved"),
    "admin:desk-why": page(STAFF),
    "admin:desk-numbers": page(ADMINS),
    "admin:desk-book": page(STAFF, STAFF),
    "admin:desk-walk-in": page(STAFF, STAFF),
}

ENTRIES = ("department", "site", "specialty", "visit-type")

API = {
    "api-root": api(GET=ANYBODY),
    "schema": api(GET=VALID),
    **{
        name: api(POST=ANYBODY)
        for name in ("register", "verify-email", "login", "token", "token-refresh", "password-reset")
    },
    "logout": api(POST=SIGNED_IN),
    "password-change": api(POST=SIGNED_IN),
    "me": api(GET=SIGNED_IN, PATCH=SIGNED_IN),
    "api-user-list": api(GET=ADMINS, POST=ADMINS),
    "api-user-detail": api("User", GET=ADMINS, PATCH=ADMINS, DELETE=ADMINS),
    "api-slots": api(GET=VALID),
    "api-next-slots": api(GET=VALID),
    "api-stats": api(GET=ADMINS),
    "api-holds": api(POST=VALID),
    # Whoever has the hold's key.
    "api-hold": api(DELETE=VALID),
    "api-hold-extension": api(POST=VALID),
    **{f"api-{kind}-list": api(GET=VALID, POST=ADMINS) for kind in ENTRIES},
    **{f"api-{kind}-detail": api(GET=VALID, PUT=ADMINS, PATCH=ADMINS, DELETE=ADMINS) for kind in ENTRIES},
    "api-department-doctor": api(PUT=ADMINS, DELETE=ADMINS),
    "api-doctor-list": api(GET=VALID, POST=ADMINS),
    # Doctors describe themselves.
    "api-doctor-detail": api(GET=VALID, PUT="cms", PATCH="cms", DELETE=ADMINS),
    "api-doctor-approve": api(POST=ADMINS),
    "api-doctor-reject": api(POST=ADMINS),
    # Of whom no doctor is named, everybody sees nothing, or is asked.
    "api-availability-list": api(GET=VALID, POST="cdms"),
    "api-availability-detail": api(GET=VALID, PUT="cms", PATCH="cms", DELETE="cms"),
    "api-exception-list": api(GET=VALID, POST="cdms"),
    "api-exception-detail": api(GET=VALID, PUT="cms", PATCH="cms", DELETE="cms"),
    "api-patient-list": api(GET=SIGNED_IN, POST=STAFF),
    "api-patient-me": api(GET="ab", PUT="ab", PATCH="ab"),
    "api-patient-detail": api("Patient", GET=CARING, PUT="arms", PATCH="arms", DELETE=ADMINS),
    "api-appointment-list": api(GET=SIGNED_IN, POST=SIGNED_IN),
    "api-appointment-detail": api("Appointment", GET=CARING, DELETE=CARING),
    "api-appointment-cancel": api("Appointment", POST=CARING),
    "api-appointment-reschedule": api("Appointment", POST=CARING),
    **{
        f"api-appointment-{step}": Row({"POST": "crms"}, "Appointment", known_to="a")
        for step in ("arrive", "start", "complete", "no-show")
    },
    # Whose step it was, the verb knows; a patient's is to cancel.
    "api-appointment-undo": api("Appointment", POST=CARING),
    "api-appointment-status": api("Appointment", PATCH=CARING),
    "api-appointment-history": api("Appointment", GET=CARING),
}

RECORDS = {
    "api-chart": api("Patient", GET=READERS, PATCH="c"),
    "api-chart-revisions": api("Patient", GET=READERS),
    # Whose patient it is does not matter in an emergency.
    "api-emergency-access": api("Patient", POST="cdms"),
    "api-access-log": api("Patient", GET="ams"),
    # For strangers to records the list is empty; what is sent empty is refused behind the door.
    "api-medical-record-list": api(GET=SIGNED_IN, POST=SIGNED_IN),
    "api-medical-record-detail": api("MedicalRecord", GET=READERS, PATCH="c"),
    "api-medical-record-sign": Row({"POST": "c"}, "MedicalRecord", known_to="a"),
    "api-medical-record-revisions": api("MedicalRecord", GET=READERS),
    "api-medical-record-amendments": api("MedicalRecord", GET=READERS, POST=READERS),
    "api-attachments": api("MedicalRecord", GET=READERS, POST=READERS),
    # The address of a sample leads to no file.
    "api-attachment": api(GET=NOBODY),
    # An answer that is empty is refused before it is asked whose it is.
    "api-medical-record-answer": api("MedicalRecord", POST=READERS),
}

RECORD_PAGES = {
    # Of those who have none, a friendly page.
    **{name: page(SIGNED_IN) for name in ("my-record", "my-record-print", "who-saw")},
    "chart": page(READERS, "c", thing="Patient"),
    "chart-print": page(READERS, thing="Patient"),
    "visit-record": page("c", "c", thing="Appointment"),
    "record": page(READERS, "a", thing="MedicalRecord"),
    "record-print": page(READERS, thing="MedicalRecord"),
    "emergency": page("cdms", "cdms"),
    "emergency-chart": page("cdms", "cdms", thing="Patient"),
    "answer-request": page("c", "c", thing="MedicalRecord"),
    # The address of a sample leads to no file.
    "record-file": page(NOBODY),
}

TABLE: dict[str, Row] = RECORDS | RECORD_PAGES | PORTAL | ENTRANCE | ACCOUNT | IDENTITY | API | DESK

THINGS = {
    "api-department-detail": "Department",
    "api-site-detail": "Site",
    "api-specialty-detail": "Specialty",
    "api-visit-type-detail": "VisitType",
    "api-doctor-detail": "Doctor",
    "api-availability-detail": "WeeklyHours",
    "api-exception-detail": "ScheduleException",
    "api-doctor-approve": "Doctor",
    "api-doctor-reject": "Doctor",
    "api-department-doctor": "Department Doctor",
    "doctor": "Doctor",
    "department": "Department",
}
"""What is in addresses that are open to all, or to a role: there a thing that is missing differs, and may."""
