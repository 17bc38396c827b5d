"""What a borrower stated when applying, as others compare it with what was found."""

from cases.models import Application, Borrower


def application_of(*, borrower: Borrower) -> Application | None:
    """Return the application of a borrower, None where none is known. One query unless it was selected with the borrower."""
    try:
        return borrower.application
    except Application.DoesNotExist:
        return None
