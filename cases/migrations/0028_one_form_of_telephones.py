"""
Write telephones and identity numbers of 15 digits in their one form, and merge telephones that were spelt in several ways.

A contact attempt keeps only the index of the number that was tried, not the number. Its index is replaced where it is that
of a usual spelling of a number that the borrower has. The program of the time of this migration is used for the forms:
they are part of the data, and a later change of them needs a migration of its own.
"""

import re
from collections.abc import Iterator

import phonenumbers
from django.db import migrations

from backoffice.core.canonical.identity_numbers import canonical_identity_number
from backoffice.core.canonical.telephones import DEFAULT_REGION, read_telephones
from backoffice.core.sealed.sealing import _keyed, blind_index, normalised, seal, unseal
from cases.rules.parts_of_borrowers import part_reference

CHUNK = 2000
_MARKS = re.compile(r"[\s\-()]+")


def spellings(number: str) -> set[str]:
    """Return the usual spellings of a number in E.164, without spaces and hyphens, as they were indexed before."""
    parsed = phonenumbers.parse(number)
    national = phonenumbers.national_significant_number(parsed)
    code = str(parsed.country_code)
    return {number, code + national, "00" + code + national, national, "0" + national, "+" + code + "0" + national}


def chunks(model: type) -> Iterator[list]:
    last = 0
    while rows := list(model.objects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield rows
        last = rows[-1].pk


def rewrite_telephones(apps, schema_editor) -> None:
    phone_model = apps.get_model("cases", "BorrowerPhone")
    place = "cases_borrowerphone.number"
    keyed = _keyed("phone:")
    with schema_editor.connection.cursor() as cursor:
        for phones in chunks(phone_model):
            borrowers = dict(
                apps.get_model("cases", "Borrower")
                .objects.filter(pk__in={phone.borrower_id for phone in phones})
                .values_list("pk", "external_ref")
            )
            renamed = []
            for phone in phones:
                cursor.execute("SELECT number FROM cases_borrowerphone WHERE id = %s", [phone.pk])
                row = cursor.fetchone()
                if row is None:
                    # Merged into another of its borrower already.
                    continue
                text = unseal(sealed=bytes(row[0]), place=place, bound_to=phone.external_ref)
                found = read_telephones(text=text, region=DEFAULT_REGION)
                if len(found.telephones) != 1 or found.unsound:
                    cursor.execute(
                        "UPDATE cases_borrowerphone SET verdict = 'DOUBTFUL' WHERE id = %s AND verdict = 'UNKNOWN'",
                        [phone.pk],
                    )
                    continue
                telephone = found.telephones[0]
                index = blind_index(text=telephone.number, kind="phone")
                reference = part_reference(borrower_ref=borrowers[phone.borrower_id], digest=index)
                old = {keyed(normalised(spelling)) for spelling in spellings(telephone.number)}
                old.add(keyed(normalised(_MARKS.sub("", text))))
                renamed += [(phone.borrower_id, each, index) for each in old - {index}]
                if reference == phone.external_ref:
                    continue
                # The telephone may be here in another spelling: the one with a verdict of a person or a call stays.
                cursor.execute(
                    "SELECT id, verdict FROM cases_borrowerphone WHERE external_ref = %s AND id <> %s",
                    [reference, phone.pk],
                )
                twin = cursor.fetchone()
                if twin is not None:
                    if twin[1] == "UNKNOWN" and phone.verdict != "UNKNOWN":
                        cursor.execute(
                            "UPDATE cases_borrowerphone SET verdict = %s WHERE id = %s", [phone.verdict, twin[0]]
                        )
                    cursor.execute("DELETE FROM cases_borrowerphone WHERE id = %s", [phone.pk])
                    continue
                cursor.execute(
                    "UPDATE cases_borrowerphone SET external_ref = %s, number = %s, number_index = %s, extension = %s WHERE id = %s",
                    [
                        reference,
                        seal(text=telephone.number, place=place, bound_to=reference),
                        index,
                        seal(text=telephone.extension, place="cases_borrowerphone.extension", bound_to=reference),
                        phone.pk,
                    ],
                )
            if renamed:
                cursor.execute(
                    "UPDATE cases_contactattempt contact SET number_index = renamed.new "
                    "FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) renamed (borrower_id, old, new) "
                    "WHERE contact.borrower_id = renamed.borrower_id AND contact.number_index = renamed.old",
                    [list(column) for column in zip(*renamed, strict=True)],
                )


def rewrite_identity_numbers(apps, schema_editor) -> None:
    place = "cases_borrower.id_number"
    with schema_editor.connection.cursor() as cursor:
        for borrowers in chunks(apps.get_model("cases", "Borrower")):
            cursor.execute(
                "SELECT id, external_ref, id_number FROM cases_borrower WHERE id = ANY(%s) AND id_number <> ''::bytea",
                [[borrower.pk for borrower in borrowers]],
            )
            for pk, reference, sealed in cursor.fetchall():
                text = unseal(sealed=bytes(sealed), place=place, bound_to=reference)
                number = canonical_identity_number(number=text)
                if number != text:
                    cursor.execute(
                        "UPDATE cases_borrower SET id_number = %s, id_number_index = %s WHERE id = %s",
                        [
                            seal(text=number, place=place, bound_to=reference),
                            blind_index(text=number, kind="id_number"),
                            pk,
                        ],
                    )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0027_doubtful_cells"),
    ]

    operations = [
        migrations.RunPython(rewrite_telephones, migrations.RunPython.noop),
        migrations.RunPython(rewrite_identity_numbers, migrations.RunPython.noop),
    ]
