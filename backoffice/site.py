"""The admin site itself."""

from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite


class DoorstepSite(UnfoldAdminSite):  # type: ignore[misc]
    """One site for all staff; what each sees follows from role and territory."""

    site_header = _("Doorstep")
    site_title = _("Doorstep")
    index_title = _("Home")
