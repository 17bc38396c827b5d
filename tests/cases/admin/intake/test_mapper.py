"""A profile is made on the pages by one person, approved by another, and a file is taken in with it."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import gettext

from cases.models import Account, IntakeFile, IntakeProfileVersion, ProfileSample
from cases.rules.profile.choices import COLUMN, FIXED, TEMPLATE, FieldChoice, choices_of
from tests.factories.profiles import make_profile

BANK = """逾期客户清单
客户编号,客户姓名,性别,经办机构,合同编号,贷款品种,授信额度（万元）,年利率（%）,逾期天数,账户状态,数据日期,手机号码
K001,张小三,男,上海分行,H001,消费贷,12.5,18.25,45天,正常,2026年11月20日,13900000060
K002,李四光,女,徐汇网点,H002,消费贷,1,7.2,0天,特殊,2026年11月20日,13900000061
""".encode("gb18030")
START = reverse("admin:cases_intakeprofile_make")


@pytest.fixture
def maker(person: Any) -> Any:
    return person("RISK_MANAGER", name="maker")


@pytest.fixture
def approver(person: Any) -> Any:
    return person("APPROVER", name="second", all_territories=True)


@pytest.fixture
def sample(client: Any, maker: Any) -> ProfileSample:
    client.force_login(maker)
    answer = client.post(START, {"name": "bank", "kind": "ACCOUNTS", "file": SimpleUploadedFile("list.csv", BANK)})
    sample = ProfileSample.objects.get()
    assert answer.url == page_of(sample)
    return sample


def page_of(sample: ProfileSample) -> str:
    return reverse("admin:cases_intakeprofile_mapper", args=[sample.pk])


def form_of(client: Any, sample: ProfileSample) -> dict[str, str]:
    """Return what a browser would post of the page as it stands."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        values: dict[str, str] = {}
        select = ""

        def handle_starttag(self, tag: str, attrs: Any) -> None:
            given = dict(attrs)
            if tag == "input" and given.get("name") and (given.get("type") != "checkbox" or "checked" in given):
                self.values[given["name"]] = given.get("value") or ""
            elif tag == "select":
                self.select = given["name"]
            elif tag == "option" and self.select and ("selected" in given or self.select not in self.values):
                self.values[self.select] = given.get("value") or ""

        def handle_endtag(self, tag: str) -> None:
            if tag == "select":
                self.select = ""

    reader = Reader()
    reader.values = {}
    body = client.get(page_of(sample)).content.decode()
    start = body.index('<form method="post" id="mapper"')
    reader.feed(body[start : body.index("</form>", start)])
    return reader.values


def test_a_page_posted_as_it_stands_changes_nothing(client, sample):
    before = choices_of(text=sample.body)

    client.post(page_of(sample), form_of(client, sample) | {"do": "preview"})

    sample.refresh_from_db()
    assert choices_of(text=sample.body) == before
    assert before.singles["account"]["credit_limit"] == FieldChoice(how=COLUMN, column="授信额度（万元）", scale=10_000)


def test_a_profile_is_made_approved_and_used(client, sample, maker, approver):
    form = form_of(client, sample)
    assert [form[f"account.status:word{n}"] for n in range(2)] == ["正常", "特殊"]
    # What was not known: a branch and a status.
    form |= {"borrower.territory:value1": "310000", "account.status:otherwise": "ACTIVE"}
    preview = client.post(reverse("admin:cases_intakeprofile_preview", args=[sample.pk]), form)
    told = json.loads(preview.content)
    assert told["cards"]["account.annual_rate"]["example"].count("18.25 %") == 1
    assert told["cards"]["account.annual_rate"]["options"] is None
    assert "张小三" in told["preview"]

    answer = client.post(page_of(sample), form | {"do": "save"})

    version = IntakeProfileVersion.objects.get()
    page = reverse("admin:cases_intakeprofileversion_change", args=[version.pk])
    assert (answer.url, version.state, version.tried) == (
        page,
        "DRAFT",
        {"rows": 2, "taken": 2, "rejected": 0, "reasons": [], "doubts": []},
    )
    take_in = reverse("admin:cases_intakefile_take_in")

    def take(profile: str, **more: str) -> Any:
        file = SimpleUploadedFile("list.csv", BANK)
        return client.post(take_in, {"profile": profile, "file": file} | more)

    # Before approval the maker may only try it.
    assert take("bank@1").context["form"].non_field_errors()
    take("bank@1", dry_run="on")
    tried = IntakeFile.objects.get()
    assert (tried.profile_version, tried.dry_run, tried.created_count) == (version, True, 2)

    client.force_login(approver)
    seen = client.get(page).content.decode()
    assert "张*三" in seen
    assert "张小三" not in seen
    assert "13900000060" not in seen
    client.post(reverse("admin:cases_intakeprofileversion_approve", args=[version.pk]), {"_form_submitted": "1"})
    version.refresh_from_db()
    assert (version.state, version.approved_by, ProfileSample.objects.count()) == ("ACTIVE", approver, 0)

    client.force_login(maker)
    take("bank")
    assert list(
        Account.objects.order_by("external_ref").values_list("external_ref", "credit_limit", "annual_rate", "status")
    ) == [
        ("H001", 125_000, Account.objects.get(external_ref="H001").annual_rate, "ACTIVE"),
        ("H002", 10_000, Account.objects.get(external_ref="H002").annual_rate, "ACTIVE"),
    ]
    assert IntakeFile.objects.latest("pk").profile_version == version


def test_each_kind_of_choice_is_kept(client, sample):
    form = form_of(client, sample) | {
        "account.product": "fixed",
        "account.product:fixed": "CARD",
        "account.external_ref": "template",
        "account.external_ref:template": "x-{合同编号}",
        "account.annual_rate": "absent",
        "account.opened_on": "column:数据日期",
        "account.as_of": "fixed",
        "account.as_of:fixed": "2026-11-20",
        "account.segment": "column:性别",
        "updates_only": "",
        "title": "清单",
        "do": "preview",
    }
    client.post(page_of(sample), form)

    sample.refresh_from_db()
    choices = choices_of(text=sample.body)
    account = choices.singles["account"]
    assert account["product"] == FieldChoice(how=FIXED, constant="CARD")
    assert account["external_ref"] == FieldChoice(how=TEMPLATE, template="x-{合同编号}")
    # A column chosen anew brings what its values say.
    assert account["opened_on"] == FieldChoice(how=COLUMN, column="数据日期", formats=("%Y年%m月%d日",))
    assert account["as_of"].constant.isoformat() == "2026-11-20"
    assert ("annual_rate" in account, choices.top["title"]) == (False, "清单")
    # A trait stays refused until another column is chosen.
    assert "从不导入" in client.get(page_of(sample)).content.decode()
    answer = client.post(page_of(sample), form_of(client, sample) | {"do": "save"}, follow=True)
    assert "从不导入" in answer.content.decode()
    assert IntakeProfileVersion.objects.count() == 0


def test_blocks_are_added_and_removed_without_a_script(client, sample):
    client.post(page_of(sample), form_of(client, sample) | {"do": "add:phones"})
    client.post(
        page_of(sample),
        form_of(client, sample) | {"phones.1.number": "column:客户编号", "do": "remove:phones:0"},
    )
    client.post(page_of(sample), form_of(client, sample) | {"do": "add:nothing"})

    sample.refresh_from_db()
    assert choices_of(text=sample.body).blocks == {"phones": ({"number": FieldChoice(how=COLUMN, column="客户编号")},)}


def test_a_file_read_otherwise_is_guessed_anew(client, sample):
    client.post(page_of(sample), form_of(client, sample) | {"file:header": "1", "do": "file"})
    sample.refresh_from_db()
    assert (choices_of(text=sample.body).file, choices_of(text=sample.body).singles["account"]) == ({}, {})

    client.post(page_of(sample), form_of(client, sample) | {"file:header": "2", "do": "file"})

    sample.refresh_from_db()
    assert choices_of(text=sample.body).singles["account"]["external_ref"].column == "合同编号"


def test_the_text_is_edited_and_keys_that_the_form_does_not_know_stay(client, sample):
    text = sample.body + '\n[account.segment]\ncolumns = ["贷款品种", "经办机构"]\npattern = "(.)"\n'
    client.post(page_of(sample), {"do": "text", "text": text})

    client.post(page_of(sample), form_of(client, sample) | {"do": "preview"})

    sample.refresh_from_db()
    assert choices_of(text=sample.body) == choices_of(text=text)
    answer = client.post(page_of(sample), {"do": "text", "text": "kind ="}, follow=True)
    assert "TOML" in answer.content.decode()


def test_texts_that_mean_an_empty_cell_are_asked_and_keep_the_fields(client, sample):
    before = choices_of(text=sample.body)

    client.post(page_of(sample), form_of(client, sample) | {"file:empty": " NULL -  0000-00-00 ", "do": "preview"})

    sample.refresh_from_db()
    after = choices_of(text=sample.body)
    assert after.file == before.file | {"empty": ["NULL", "-", "0000-00-00"]}
    assert after.singles == before.singles
    assert form_of(client, sample)["file:empty"] == "NULL - 0000-00-00"
    client.post(page_of(sample), form_of(client, sample) | {"file:empty": "", "do": "file"})
    sample.refresh_from_db()
    assert choices_of(text=sample.body) == before


def test_a_word_for_no_value_is_told_with_the_question_that_it_answers(client, maker):
    client.force_login(maker)
    content = BANK.decode("gb18030").replace(",45天,", ",NULL,").encode("gb18030")
    client.post(START, {"name": "bank", "kind": "ACCOUNTS", "file": SimpleUploadedFile("list.csv", content)})
    sample = ProfileSample.objects.get()
    words = "This text seems to stand for no value. If it does, write it at: Texts that mean an empty cell."

    def preview(**more: str) -> str:
        form = form_of(client, sample) | {"borrower.territory:value1": "310000", "account.status:otherwise": "ACTIVE"}
        return client.post(reverse("admin:cases_intakeprofile_preview", args=[sample.pk]), form | more).content.decode()

    assert gettext(words) in json.loads(preview())["preview"]
    assert gettext(words) not in json.loads(preview(**{"file:empty": "NULL"}))["preview"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_sample_of_unicode_text_without_its_mark_is_read(client, maker, encoding):
    client.force_login(maker)
    content = BANK.decode("gb18030").encode(encoding)

    client.post(START, {"name": "bank", "kind": "ACCOUNTS", "file": SimpleUploadedFile("list.csv", content)})

    chosen = choices_of(text=ProfileSample.objects.get().body)
    assert chosen.file == {"encodings": [encoding], "skip_lines": 1}
    assert chosen.singles["account"]["external_ref"].column == "合同编号"


def test_a_sample_is_for_the_person_who_uploaded_it(client, sample, person, officer):
    preview = reverse("admin:cases_intakeprofile_preview", args=[sample.pk])

    client.force_login(person("RISK_MANAGER", name="other"))
    assert (client.get(page_of(sample)).status_code, client.post(preview).status_code) == (404, 404)
    client.force_login(officer)
    assert (client.get(page_of(sample)).status_code, client.get(START).status_code) == (403, 403)


def test_a_new_version_begins_with_the_one_in_use_and_shows_what_differs(client, maker, approver):
    body = 'kind = "ACCOUNTS"\n[account]\nexternal_ref = { column = "H" }\nsegment = { columns = ["A"] }\n'
    first = make_profile(name="bank", body=body)
    client.force_login(maker)
    content = BANK.replace("逾期客户清单\n".encode("gb18030"), b"")
    client.post(START, {"name": "bank", "kind": "ACCOUNTS", "file": SimpleUploadedFile("l.csv", content)})
    assert choices_of(text=ProfileSample.objects.get().body) == choices_of(text=body)

    write = reverse("admin:cases_intakeprofile_write")
    assert first.body in client.get(f"{write}?version={first.pk}").context["form"].initial["body"]
    assert client.post(write, {"name": "bank", "body": "kind ="}).context["form"].errors["body"]
    client.post(
        write,
        {"name": "demo-contacts", "body": client.get(f"{write}?shipped=demo-contacts").context["form"].initial["body"]},
    )
    made = IntakeProfileVersion.objects.latest("pk")

    refuse = reverse("admin:cases_intakeprofileversion_refuse", args=[made.pk])
    client.force_login(approver)
    client.post(refuse, {"_form_submitted": "1", "reason": "NOT_NEEDED"})

    made.refresh_from_db()
    assert (made.profile.name, made.state, made.refusal) == ("demo-contacts", "RETIRED", "NOT_NEEDED")
    text = client.get(reverse("admin:cases_intakeprofileversion_toml", args=[made.pk]))
    assert (text.content.decode(), text["Content-Disposition"]) == (
        made.body,
        'attachment; filename="demo-contacts-1.toml"',
    )
