"""Finding entries: what somebody did, what was done about a patient, what happened to an object."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from accounts.models import AuditEntry, Patient, User
from accounts.searched import words_of

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}


def matching(entries: QuerySet[AuditEntry], words: str) -> QuerySet[AuditEntry]:
    """Those of ``entries`` that ``words`` describe, all of them: an id, an e-mail address or a name of whoever acted or
    was the patient, an address of the network, or a verb or its beginning (``accounts.user.``)."""
    for word in words_of(words):
        entries = entries.filter(_described(word))
    return entries


def _described(word: str) -> Q:
    try:
        known = UUID(word)
    except ValueError:
        pass
    else:
        return Q(actor=known) | Q(patient=known) | Q(object_id=str(known)) | Q(request_id=str(known))
    named = Q(first_name__iexact=word) | Q(last_name__iexact=word) | Q(email=word.lower())
    return (
        Q(actor__in=User.objects.filter(named).values("pk"))
        | Q(patient__in=Patient.objects.filter(named).values("pk"))
        | Q(verb__startswith=word.lower())
        | Q(ip=word)
        | Q(program=word)
    )


def since(entries: QuerySet[AuditEntry], period: str, *, now: datetime) -> QuerySet[AuditEntry]:
    """Those of the last hour, day, week or month (``PERIODS``)."""
    return entries.filter(at__gte=now - PERIODS[period])


def with_names(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """``entries``, each with ``actor_name`` and ``patient_name``: as they are called today, None if they are gone."""
    return entries.annotate(actor_name=_name(User, "actor"), patient_name=_name(Patient, "patient"))


def _name(model: type[User] | type[Patient], column: str) -> Subquery:
    people: QuerySet[User] | QuerySet[Patient] = model._default_manager.filter(pk=OuterRef(column))
    return Subquery(people.values(name=Concat("first_name", Value(" "), "last_name")))
