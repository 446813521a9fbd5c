"""Dates of PDFs."""

import pytest

from segtool.loaders.pdf.info import iso_date


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("D:20240131120501+01'00'", "2024-01-31T12:05:01+01:00"),
        ("D:20240131120501Z", "2024-01-31T12:05:01Z"),
        ("D:202401", "2024-01"),
        ("20240131", "2024-01-31"),
        ("D:20241340", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_become_iso(stated: str, expected: str | None) -> None:
    assert iso_date(stated) == expected
