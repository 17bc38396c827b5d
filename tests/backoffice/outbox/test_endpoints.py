"""Endpoints: only addresses that events may be sent to are kept."""

import pytest
from django.urls import reverse

from backoffice.core.errors import InvalidInput
from backoffice.outbox.endpoints import add_endpoint
from backoffice.outbox.models import WebhookEndpoint
from tests.factories.outbox import SECRET, now


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["https://10.1.2.3/", "https://[fec0::1]/", "http://8.8.8.8/", "https://127.0.0.2/"])
def test_add_endpoint_refuses_private_addresses(administrator, client, url, settings):
    settings.OUTBOX_PRIVATE_HOSTS = ["core.internal"]
    endpoint = WebhookEndpoint.objects.create(external_ref="kept", url="https://8.8.8.8/", secret=SECRET)

    with pytest.raises(InvalidInput):
        add_endpoint(external_ref="new", url=url, topics=[], actor=administrator, at=now())
    client.force_login(administrator)
    client.post(
        reverse("admin:outbox_webhookendpoint_change", args=[endpoint.pk]),
        {"url": url, "topics": '["terms.changed"]', "is_active": "on"},
    )

    assert list(WebhookEndpoint.objects.values_list("url", flat=True)) == ["https://8.8.8.8/"]


@pytest.mark.django_db
def test_add_endpoint_takes_named_private_hosts_and_names_without_an_address_yet(administrator, settings):
    settings.OUTBOX_PRIVATE_HOSTS = ["10.1.2.3"]

    add_endpoint(external_ref="core", url="http://10.1.2.3/hooks", topics=[], actor=administrator, at=now())
    add_endpoint(external_ref="later", url="https://core.invalid/", topics=[], actor=administrator, at=now())

    assert WebhookEndpoint.objects.count() == 2


@pytest.mark.django_db
def test_change_of_an_endpoint_takes_a_public_address(administrator, client):
    endpoint = WebhookEndpoint.objects.create(external_ref="kept", url="https://8.8.8.8/", secret=SECRET)
    client.force_login(administrator)

    client.post(
        reverse("admin:outbox_webhookendpoint_change", args=[endpoint.pk]),
        {"url": "https://1.1.1.1/", "topics": '["terms.changed"]', "is_active": "on"},
    )

    assert list(WebhookEndpoint.objects.values_list("url", flat=True)) == ["https://1.1.1.1/"]
