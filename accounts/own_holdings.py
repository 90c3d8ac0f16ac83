"""What this app holds about a person (:mod:`accounts.holdings`)."""

from collections.abc import Iterator

from allauth.idp.oidc.models import Token
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.holdings import Fact, Part
from accounts.models import AuditEntry, Message, Patient, Role, TokenFamily, User
from accounts.outbox import kinds

LATEST = 200
"""Entries of the audit trail that are told."""


def tell(user: User) -> Iterator[Part]:
    """The account, the patient's file, and every way in."""
    patient = Patient.objects.filter(user=user).first()
    yield Part("account", _("Account"), [_account(user)])
    if patient is not None:
        yield Part("patient", _("Patient file"), [_patient(patient)])
    yield Part("sessions", _("Browsers in which you are signed in"), [_session(row) for row in sessions.of(user)])
    families = TokenFamily.objects.filter(user=user)
    yield Part("api_sign_ins", _("Sign-ins of apps with your password"), [_family(row) for row in families])
    accounts = SocialAccount.objects.filter(user=user).order_by("pk")
    yield Part("connected_accounts", _("Connected accounts"), [_connected(row) for row in accounts])
    tokens = Token.objects.filter(user=user).select_related("client").order_by("pk")
    yield Part("applications", _("Applications that you let in"), [_application(row) for row in tokens])
    factors = Authenticator.objects.filter(user=user).order_by("pk")
    yield Part("second_factors", _("Second steps when you sign in"), [_factor(row) for row in factors])
    yield Part("messages", _("Messages to you"), [_message(row) for row in _messages(user, patient)])
    yield Part("trail", _("What was done with your data"), [_entry(row, user) for row in _trail(user, patient)])


def _account(user: User) -> list[Fact]:
    return [
        Fact("first_name", _("First name"), user.first_name),
        Fact("last_name", _("Last name"), user.last_name),
        Fact("email", _("Email address"), user.email),
        Fact("phone", _("Phone"), str(user.phone)),
        Fact("role", _("Role"), Role(user.role).label),
        Fact("language", _("Language"), user.language),
        Fact("has_picture", _("Picture"), _("yes") if user.picture else _("none")),
        Fact("created_at", _("Made"), user.created_at),
        Fact("last_login", _("Last sign-in"), user.last_login),
    ]


def _patient(patient: Patient) -> list[Fact]:
    return [
        Fact("first_name", _("First name"), patient.first_name),
        Fact("last_name", _("Last name"), patient.last_name),
        Fact("date_of_birth", _("Date of birth"), patient.date_of_birth),
        Fact("phone", _("Phone"), str(patient.phone)),
        Fact("email", _("Email address"), patient.email),
        Fact("insurance_provider", _("Insurance"), patient.insurance_provider),
        Fact("insurance_number", _("Insurance number"), patient.insurance_number),
        Fact("emergency_contact", _("Whom to call in an emergency"), patient.emergency_contact),
        Fact("reminder_channel", _("Reminders"), patient.get_reminder_channel_display()),
        Fact("created_at", _("Made"), patient.created_at),
    ]


def _session(session: sessions.Session) -> list[Fact]:
    return [
        Fact("device", _("Browser"), session.device),
        Fact("address", _("From"), session.address),
        Fact("began_at", _("Signed in"), session.began_at),
        Fact("seen_at", _("Last used"), session.seen_at),
    ]


def _family(family: TokenFamily) -> list[Fact]:
    return [
        Fact("began_at", _("Signed in"), family.created_at),
        Fact("expires_at", _("Ends by itself"), family.expires_at),
        Fact("revoked_at", _("Ended"), family.revoked_at),
    ]


def _connected(account: SocialAccount) -> list[Fact]:
    return [
        Fact("provider", _("Provider"), account.provider),
        Fact("uid", _("Known there as"), account.uid),
        Fact("connected_at", _("Connected"), account.date_joined),
        Fact("last_login", _("Last sign-in"), account.last_login),
        Fact("told", _("What it told us"), ", ".join(f"{name}: {value}" for name, value in account.extra_data.items())),
    ]


def _application(token: Token) -> list[Fact]:
    return [
        Fact("application", _("Application"), token.client.name if token.client else ""),
        Fact("may", _("May"), ", ".join(token.get_scopes())),
        Fact("since", _("Since"), token.created_at),
        Fact("expires_at", _("Ends by itself"), token.expires_at),
    ]


def _factor(factor: Authenticator) -> list[Fact]:
    return [
        Fact("kind", _("Kind"), str(factor)),
        Fact("created_at", _("Set up"), factor.created_at),
        Fact("last_used_at", _("Last used"), factor.last_used_at),
    ]


def _messages(user: User, patient: Patient | None) -> list[Message]:
    mine = Q(user=user) | Q(patient=patient) if patient is not None else Q(user=user)
    return list(Message.objects.filter(mine).defer("address", "sealed", "context"))


def _message(message: Message) -> list[Fact]:
    """That there is one, and what has become of it; what it said is not kept."""
    return [
        Fact("kind", _("Kind"), kinds.label(message.kind)),
        Fact("channel", _("Sent by"), message.get_channel_display()),
        Fact("written_at", _("Written"), message.created_at),
        Fact("state", _("State"), str(message.state.label)),
        Fact("ended_at", _("Since"), message.sent_at or message.failed_at or message.dropped_at),
    ]


def _trail(user: User, patient: Patient | None) -> list[AuditEntry]:
    about = Q(object_type="accounts.User", object_id=str(user.pk))
    if patient is not None:
        about |= Q(patient=patient.pk) | Q(object_type="accounts.Patient", object_id=str(patient.pk))
    return list(AuditEntry.objects.filter(about).order_by("-at", "-id")[:LATEST])


def _entry(entry: AuditEntry, user: User) -> list[Fact]:
    """Who is told by his role: to whom it belonged, the organisation knows."""
    role = Role(entry.role).label if entry.role in Role.values else entry.role
    who = _("you") if entry.actor == user.pk else role or entry.program or _("somebody unknown")
    return [
        Fact("at", _("When"), entry.at),
        Fact("what", _("What"), " ".join(entry.verb.split(".")[1:]).replace("_", " ")),
        Fact("who", _("Who"), who),
    ]
