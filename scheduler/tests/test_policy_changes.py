"""Settings that changed are written down once, by the server that finds them changed."""

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import override_settings

from accounts.models import AuditEntry
from scheduler import policy_changes


@pytest.fixture(autouse=True)
def nothing_noted(db: None) -> None:
    cache.clear()


def noted() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(verb=policy_changes.VERB).order_by("pk"))


def test_note_when_nothing_was_noted_before() -> None:
    # case 184
    policy_changes.note()

    [entry] = noted()
    assert (entry.program, entry.changes["HOLD_MINUTES"]) == ("server", [None, 10])
    assert not any("KEY" in name or "SECRET" in name for name in entry.changes)


def test_note_when_a_setting_changed() -> None:
    # case 184
    policy_changes.note()

    with override_settings(HOLD_MINUTES=5, MFA_REQUIRED_ROLES=("admin",)):
        policy_changes.note()

    assert noted()[1].changes == {"HOLD_MINUTES": [10, 5], "MFA_REQUIRED_ROLES": [[], ["admin"]]}


def test_note_when_nothing_changed() -> None:
    policy_changes.note()
    cache.clear()

    policy_changes.note()

    assert len(noted()) == 1


def test_note_when_another_process_starts_with_it() -> None:
    policy_changes.note()

    with override_settings(HOLD_MINUTES=5):
        policy_changes.note()
        policy_changes.note()

    assert len(noted()) == 2


def test_note_when_there_is_no_database(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def away(*_args: object) -> bool:
        raise DatabaseError("password=hunter2")

    monkeypatch.setattr(cache, "add", away)

    policy_changes.note()

    assert noted() == []
    assert "hunter2" not in caplog.text
