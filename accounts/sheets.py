"""Tables for spreadsheet programs."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a cell of text must not begin with, blanks aside: spreadsheet programs would run it (OWASP, "CSV Injection")."""
CONTROL: Final = ("\t", "\r", "\n")
MARK: Final = "\ufeff"
"""Tells spreadsheet programs that the file is UTF-8."""

Cell = str | int | float | None


def rows_as_csv(rows: Iterable[Sequence[Cell]]) -> str:
    """The rows as CSV (RFC 4180) in which no text is a formula. Numbers stay numbers, None is an empty cell.

    Begins with a mark that tells the encoding: send it as UTF-8. Text that looks like a formula gets an apostrophe
    before it, which spreadsheet programs do not show.
    """
    sheet = StringIO()
    sheet.write(MARK)
    csv.writer(sheet).writerows([_harmless(cell) for cell in row] for row in rows)
    return sheet.getvalue()


def _harmless(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\0", "")
    return f"'{text}" if text.startswith(CONTROL) or text.lstrip().startswith(FORMULA) else text
