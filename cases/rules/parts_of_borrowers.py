"""The references of a borrower's telephones and addresses: they follow from the content."""


def part_reference(*, borrower_ref: str, digest: bytes) -> str:
    """
    Return the reference of a telephone, address or doubtful value of a borrower, at most 77 characters.

    `digest` is the keyed digest or blind index of its content: the same content comes back to the same record.
    """
    return f"{borrower_ref}-{digest[:8].hex()}"
