"""File the hashes that photographs have already under their bands, so that copies of them are found."""

from django.db import migrations

# Their parts (trimmed, cropped) would take decoding each original anew: a copy of an old photograph is found by its whole.
FILE = """
INSERT INTO visits_photoband (evidence_id, part, band_key, pdq)
SELECT e.id, 'WHOLE',
    (band << 16) | (get_byte(e.perceptual_hash, band * 2) << 8) | get_byte(e.perceptual_hash, band * 2 + 1),
    ('x' || encode(e.perceptual_hash, 'hex'))::bit(256)
FROM visits_evidence e CROSS JOIN generate_series(0, 15) AS band
WHERE octet_length(e.perceptual_hash) = 32
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("visits", "0020_evidence_network")]

    operations = [migrations.RunSQL(FILE, migrations.RunSQL.noop)]
