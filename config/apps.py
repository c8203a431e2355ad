from django.apps import AppConfig
from django.core.checks import Tags, register

from config.channel_checks import environment_is_whole, rows_are_whole
from config.checks import production_is_configured, production_is_declared


class SiteConfig(AppConfig):
    name = "config"
    verbose_name = "Milepost"

    def ready(self) -> None:
        """Have `manage.py check`, and every command that checks first, look at how production and channels are set."""
        register(production_is_configured, Tags.security)
        register(production_is_declared, Tags.security)
        register(environment_is_whole)
        register(rows_are_whole, Tags.database)
