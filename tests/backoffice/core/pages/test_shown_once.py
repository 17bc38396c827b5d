"""Secrets on a page that shows them once."""

import re

from django.urls import reverse

from backoffice.outbox.models import WebhookEndpoint


def test_client_secret_is_shown_once_and_kept_hashed(client, administrator):
    client.force_login(administrator)

    answer = client.post(reverse("admin:oauth2_provider_application_add"), {"name": "BI", "scopes": ["cases:read"]})

    from oauth2_provider.models import Application

    made = Application.objects.get()
    secret = re.findall(r'ds-mono">([^<]+)<', answer.content.decode())[1]
    assert secret not in made.client_secret
    assert "no-store" in answer["Cache-Control"]
    page = client.get(reverse("admin:oauth2_provider_application_change", args=[made.pk])).content.decode()
    assert secret not in page
    assert made.client_secret not in page


def test_endpoint_secret_is_shown_once(client, administrator):
    client.force_login(administrator)

    made = client.post(
        reverse("admin:outbox_webhookendpoint_add"),
        {"external_ref": "core", "url": "https://core.example/in", "topics": "a, b"},
    )

    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.topics == ["a", "b"]
    assert endpoint.secret in made.content.decode()
    page = client.get(reverse("admin:outbox_webhookendpoint_change", args=[endpoint.pk])).content.decode()
    assert endpoint.secret not in page
