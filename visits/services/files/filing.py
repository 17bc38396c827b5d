"""Filing the hashes of a photograph under their bands, so that later look-alikes find it."""

from visits.models import Evidence, PhotoBand
from visits.rules.report.lookalikes import band_keys
from visits.services.files.prints import PhotoPrints


def file_prints(*, evidence: Evidence, prints: PhotoPrints) -> int:
    """
    File every hash of a photograph, in the caller's transaction; return how many rows were written, 16 a hash.

    A photograph that is filed already stays as it is.
    """
    rows = [
        PhotoBand(evidence=evidence, part=part, band_key=key, pdq=pdq)
        for part, pdq in prints.filed.items()
        for key in band_keys(pdq=pdq)
    ]
    return len(PhotoBand.objects.bulk_create(rows, ignore_conflicts=True))
