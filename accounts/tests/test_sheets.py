"""Tables for spreadsheet programs."""

import csv
from io import StringIO

import pytest

from accounts import sheets


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("Chen", "Chen"),
        ("=1+1", "'=1+1"),
        ("  =1+1", "'  =1+1"),
        ("+49 30 123", "'+49 30 123"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        ("＝1+1", "'＝1+1"),
        ("a\0b", "ab"),
        ("Chen;=1+1", "Chen;'=1+1"),
        ("Chen; @A1;-2", "Chen;' @A1;'-2"),
        ('Chen,"=1+1"', 'Chen,\'"=1+1"'),
        ("Chen\n=1+1", "Chen\n'=1+1"),
        ("Chen;Wei, Dr.; 2+2", "Chen;Wei, Dr.; 2+2"),
        ('say "hi", twice', 'say "hi", twice'),
        (-2, "-2"),
        (0.5, "0.5"),
        (None, ""),
        ("", ""),
    ],
)
def test_rows_as_csv_makes_no_text_a_formula(cell: sheets.Cell, written: str) -> None:
    text = sheets.rows_as_csv([["name", cell]])

    assert text.startswith(sheets.MARK)
    assert list(csv.reader(StringIO(text.removeprefix(sheets.MARK), newline=""))) == [["name", written]]
