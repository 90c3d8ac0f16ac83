"""The day sheet: one day at one site, as the front desk works through it."""

from clinic.day_sheet.file import export
from clinic.day_sheet.narrowing import Only, of_day
from clinic.day_sheet.reading import Away, Column, Counts, Free, Sheet, Visit, sheet

__all__ = ["Away", "Column", "Counts", "Free", "Only", "Sheet", "Visit", "export", "of_day", "sheet"]
