"""Who may read a patient's chart and what lies in it, who is granted that, and that each reading is written down."""

from records.access.reading import (
    Basis,
    basis,
    charts,
    emergencies,
    may_break_the_glass,
    open_attachment,
    open_attachments,
    open_chart,
    open_chart_revisions,
    open_files,
    open_record,
    open_records,
    open_requests,
    open_revisions,
    records,
    treats,
)

__all__ = [
    "Basis",
    "basis",
    "charts",
    "emergencies",
    "may_break_the_glass",
    "open_attachment",
    "open_attachments",
    "open_chart",
    "open_chart_revisions",
    "open_files",
    "open_record",
    "open_records",
    "open_requests",
    "open_revisions",
    "records",
    "treats",
]
