"""The portal's pages about records, for tests: a browser for each of the people, and files where they can be kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from clinic.tests.desk import client_of
from records import attachments
from records.models import Attachment, MedicalRecord
from records.tests.actors import LATER

PDF = b"%PDF-1.7\ntrailer <<>>\n%%EOF\n"


@pytest.fixture
def later() -> Iterator[None]:
    """The day after the visit."""
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """Where files are kept."""
    settings.STORAGES = settings.STORAGES | {
        "records": {"BACKEND": "records.storage.Kept", "OPTIONS": {"location": tmp_path}}
    }
    return tmp_path


def browser(user: User | None) -> Client:
    """In which ``user`` is signed in."""
    client = client_of(user)
    client.raise_request_exception = True
    return client


def upload(data: bytes = PDF, name: str = "CNRY knee.pdf") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, data)


def add_file(record: MedicalRecord, name: str = "CNRY knee.pdf") -> Attachment:
    """A file beside a record, put there by its doctor."""
    return attachments.add(record, upload=upload(name=name), by=record.doctor.user, now=LATER)


def filled(page: Any, form: str = "form") -> dict[str, str]:
    """What a page's form would send as it stands."""
    shown = page.context[form]
    return {field.html_name: field.value() or "" for field in shown if field.html_name != "file"}
