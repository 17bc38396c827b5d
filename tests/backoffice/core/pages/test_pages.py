"""Pages of the admin that are a form of their own."""

import re

import pytest
from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy, override

from backoffice.core.pages.pages import FORM_PAGE, form_page
from cases.models import Case


class DayForm(forms.Form):
    day = forms.DateField(label="Day")


@pytest.fixture
def request_of(rf, officer):
    request = rf.get("/")
    request.user = officer
    return request


def page(request, **given):
    values = {"title": "Plan a day", "form": DayForm(), "submit": "Plan"} | given
    return form_page(model_admin=admin.site._registry[Case], request=request, **values)


def test_a_form_page_shows_title_words_fields_and_one_button(request_of):
    shown = page(request_of, text="Choose a working day.", back="/admin/somewhere/")
    html = shown.render().content.decode()

    assert (shown.template_name, shown.status_code) == (FORM_PAGE, 200)
    for part in ("Plan a day", "Choose a working day.", 'name="day"', "csrfmiddlewaretoken"):
        assert part in html, part
    assert re.search(r'type="submit"[^>]*>\s*Plan\s*<', html)
    assert 'href="/admin/somewhere/"' in html
    # It stands in the admin, under the record's kind.
    assert shown.context_data["opts"] == Case._meta
    assert shown.context_data["site_header"] == admin.site.site_header


def test_cancel_leads_to_the_list_unless_another_page_is_given(request_of):
    assert page(request_of).context_data["back"] == reverse("admin:cases_case_changelist")
    assert page(request_of, back="/admin/").context_data["back"] == "/admin/"


def test_a_refused_form_says_what_is_wrong_beside_its_field(request_of):
    with override("en"):
        html = page(request_of, form=DayForm({"day": "2026-02-30"})).render().content.decode()

    assert "Enter a valid date." in html
    assert 'value="2026-02-30"' in html


def test_words_are_read_in_the_readers_language_and_shown_as_text(request_of):
    shown = page(request_of, title=gettext_lazy("Roles"), text="<script>1</script>", extra="kept")
    with override("zh-hans"):
        html = shown.render().content.decode()

    assert "角色" in html
    assert "<script>1</script>" not in html
    assert shown.context_data["extra"] == "kept"
