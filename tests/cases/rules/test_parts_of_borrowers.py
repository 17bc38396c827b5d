"""References of a borrower's telephones and addresses."""

from cases.rules.parts_of_borrowers import part_reference


def test_part_reference_follows_from_borrower_and_content() -> None:
    assert part_reference(borrower_ref="B1", digest=bytes(range(16))) == "B1-0001020304050607"
