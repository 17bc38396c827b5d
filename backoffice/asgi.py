"""What an ASGI server serves."""

import os

from django.core.asgi import get_asgi_application

from backoffice.wiring.static_files import refuse_missing_static_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

application = get_asgi_application()
refuse_missing_static_files()
