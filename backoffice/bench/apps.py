from django.apps import AppConfig


class BenchConfig(AppConfig):
    name = "backoffice.bench"
    label = "bench"
