"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from backoffice.wiring.static_files import refuse_missing_static_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

application = get_wsgi_application()
refuse_missing_static_files()
