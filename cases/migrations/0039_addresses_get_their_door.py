"""
Give each address the index of its door. The program of the time of this migration is used for the form.

Each chunk is a transaction of its own: one that is interrupted begins again, and writes the same.
"""

from django.db import migrations

from backoffice.core.sealed.sealing import blind_indexes, unseal

CHUNK = 2000
PLACE = "cases_address.line"


def index_doors(apps, schema_editor) -> None:
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT id, external_ref, line FROM cases_address WHERE id > %s ORDER BY id LIMIT %s", [last, CHUNK]
            )
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            lines = [unseal(sealed=bytes(line), place=PLACE, bound_to=reference) for _pk, reference, line in rows]
            found = zip([pk for pk, *_rest in rows], blind_indexes(texts=lines, kind="door"), strict=True)
            named = [(pk, index) for pk, index in found if index]
            cursor.execute(
                "UPDATE cases_address address SET door_index = found.door "
                "FROM unnest(%s::bigint[], %s::bytea[]) found (id, door) WHERE address.id = found.id",
                [[pk for pk, _index in named], [index for _pk, index in named]],
            )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("cases", "0038_doors_of_addresses"),
    ]

    operations = [
        migrations.RunPython(index_doors, migrations.RunPython.noop),
    ]
