"""A plain Excel workbook of one sheet, the same bytes for the same table."""

import datetime as dt
from io import BytesIO
from pathlib import Path

import polars as pl
import xlsxwriter

LARGEST_SHEET = 200_000  # records; Excel itself stops at 1,048,576 rows, readers and people long before
STILL = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook states when it was made; this one always says the same


def write_workbook(frame: pl.DataFrame, path: Path) -> None:
    """Write a table as the only sheet of an Excel workbook: text, numbers and days as such, nothing where null."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": STILL})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("births")
    for column, name in enumerate(frame.columns):
        sheet.write_string(0, column, name)
        for row, value in enumerate(frame[name], start=1):
            if isinstance(value, dt.date):
                sheet.write_datetime(row, column, value, day)
            elif isinstance(value, int | float):
                sheet.write_number(row, column, value)
            elif value is not None:
                sheet.write_string(row, column, str(value))  # never a formula, whatever it begins with
    book.close()
    path.write_bytes(buffer.getvalue())
