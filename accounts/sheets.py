"""Tables for spreadsheet programs."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a cell of text must not begin with, blanks aside: spreadsheet programs would run it (OWASP, "CSV Injection")."""
CONTROL: Final = ("\t", "\r", "\n")
PARTED: Final = re.compile(rf"(?<=[;,|\t\r\n])(?=[\s\"']*[{re.escape(''.join(FORMULA))}])")
"""Before a formula behind what may part cells: a program that reads commas as text, as where a comma is the decimal
mark, cuts a line at semicolons, quoted or not."""
MARK: Final = "\ufeff"
"""Tells spreadsheet programs that the file is UTF-8."""

Cell = str | int | float | None


def rows_as_csv(rows: Iterable[Sequence[Cell]]) -> str:
    """The rows as CSV (RFC 4180) in which no text is a formula. Numbers stay numbers, None is an empty cell.

    Begins with a mark that tells the encoding: send it as UTF-8. Text that looks like a formula gets an apostrophe
    before it, which spreadsheet programs do not show; so does what looks like one behind a semicolon.
    """
    sheet = StringIO()
    sheet.write(MARK)
    csv.writer(sheet).writerows([_harmless(cell) for cell in row] for row in rows)
    return sheet.getvalue()


def _harmless(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    text = PARTED.sub("'", cell.replace("\0", ""))
    return f"'{text}" if text.startswith(CONTROL) or text.lstrip().startswith(FORMULA) else text
