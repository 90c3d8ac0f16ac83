"""The records app's models."""

from records.models.chart import BloodType, Chart, ChartRevision, ChartUserObjectPermission
from records.models.emergency import EmergencyAccess
from records.models.record import AmendmentRequest, Attachment, FileKind, MedicalRecord, RecordRevision

__all__ = [
    "AmendmentRequest",
    "Attachment",
    "BloodType",
    "Chart",
    "ChartRevision",
    "ChartUserObjectPermission",
    "EmergencyAccess",
    "FileKind",
    "MedicalRecord",
    "RecordRevision",
]
