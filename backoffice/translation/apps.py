from django.apps import AppConfig


class TranslationConfig(AppConfig):
    name = "backoffice.translation"
    label = "translation"
