"""What the end of an intake of accounts tells about its source: the newest day of figures, and that a file has come."""

from datetime import datetime

from django.utils import timezone

from cases.models import IntakeFile, SourceFreshness
from cases.rules.feed_days import with_arrival


def note_file(*, file: IntakeFile, at: datetime) -> None:
    """
    Keep for the source of a finished file of accounts how new its figures are and that it came at `at`.

    The file keeps what was known before; a dry run keeps that alone. In the caller's transaction; two files of one source
    at once wait for each other.
    """
    if not file.dry_run and file.as_of is not None:
        first = SourceFreshness(source=file.source, newest_as_of=file.as_of, updated_at=at)
        SourceFreshness.objects.bulk_create([first], ignore_conflicts=True)
    known = SourceFreshness.objects.select_for_update(no_key=True).filter(source=file.source).first()
    if known is None:
        return
    file.known_as_of = known.newest_as_of
    file.save(update_fields=["known_as_of"])
    if file.dry_run:
        return
    known.newest_as_of = max(known.newest_as_of, file.as_of or known.newest_as_of)
    known.arrivals = with_arrival(arrivals=known.arrivals, at=at, zone=timezone.get_current_timezone())
    known.updated_at = at
    known.save(update_fields=["newest_as_of", "arrivals", "updated_at"])
