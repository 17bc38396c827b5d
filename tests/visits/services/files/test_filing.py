"""Filing hashes under their bands: sixteen rows a hash, once."""

from tests.factories.evidence import attach, make_reported
from tests.factories.visits import photo
from visits.models import PhotoBand
from visits.rules.report.lookalikes import band_keys
from visits.services.files.filing import file_prints
from visits.services.files.prints import PhotoPrints


def test_each_hash_is_filed_under_its_bands_once(case, placement, approver, pair):
    content = photo(seed=1)
    report = make_reported(case=case, placement=placement, approver=approver, pair=pair, contents=[content])
    evidence = attach(report, content)
    prints = PhotoPrints(filed={PhotoBand.Part.WHOLE: bytes(range(32)), PhotoBand.Part.CROP_90: bytes(32)})

    for _again in range(2):
        file_prints(evidence=evidence, prints=prints)

    rows = PhotoBand.objects.filter(evidence=evidence, part="WHOLE").order_by("band_key")
    assert PhotoBand.objects.count() == 32
    assert [(row.band_key, row.pdq) for row in rows] == [
        (key, bytes(range(32))) for key in band_keys(pdq=bytes(range(32)))
    ]
