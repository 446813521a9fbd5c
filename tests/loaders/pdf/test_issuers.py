"""Names in large type that are no titles."""

import pytest

from segtool.loaders.pdf.issuers import is_issuer


@pytest.mark.parametrize(
    "name",
    [
        "United States Court of Appeals", "SUPREME COURT OF THE UNITED STATES", "In the Court of Appeal",
        "UNITED STATES DISTRICT COURT CENTRAL DISTRICT OF CALIFORNIA", "Tribunal de grande instance de Paris",
        "Cour de cassation", "Bundesgerichtshof", "Oberlandesgericht Köln", "IN THE CIRCUIT COURT FOR KENT COUNTY",
    ],
)  # fmt: skip
def test_courts(name: str) -> None:
    assert is_issuer(name, ())


@pytest.mark.parametrize(
    "name",
    ["Rules of the Supreme Court", "Lease of a House", "Courtyards of the North", "What the court decided about mills"],
)
def test_titles(name: str) -> None:
    assert not is_issuer(name, ["Anna Finch", "anna@orchard.example"])


def test_a_name_with_a_telephone_near_it_is_a_letterhead() -> None:
    address = ["12 Mill Lane", "Orchard", "Tel. 12 34 56"]
    assert is_issuer("Finch and Marlow", [*address[:2], "Telephone: 12 34 56"])
    assert not is_issuer("Finch and Marlow", ["Text."] * 8 + ["Telephone: 12 34 56"])
