"""The outcome of a verification as a sentence for the reader."""

from django.utils.translation import gettext as _

from backoffice.audit.verifier import ChainVerdict


def verdict_sentence(verdict: ChainVerdict) -> str:
    """Return what was found, and what to do if something does not fit."""
    if verdict.ok:
        return _("All {n} entries fit.").format(n=verdict.entries)
    if verdict.first_bad is not None:
        return _("The chain breaks at entry {n}. Keep the database as it is and compare with the last backup.").format(
            n=verdict.first_bad
        )
    if verdict.access_first_bad is not None:
        return _(
            "The access log breaks at entry {n}. Keep the database as it is and compare with the last backup."
        ).format(n=verdict.access_first_bad)
    return _("The signed checkpoints were altered: {problem}. Compare them with their last copy.").format(
        problem=verdict.checkpoint_problem
    )
