"""What an ASGI server serves."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.checks import refuse_unsafe_production

application = get_asgi_application()
refuse_unsafe_production()
