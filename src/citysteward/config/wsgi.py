"""The WSGI application, for `citysteward serve` or any other server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citysteward.config.settings")

application = get_wsgi_application()
