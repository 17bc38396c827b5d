"""The admin's look and menu, as data. The menu follows the loop."""

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _item(title: Any, icon: str, admin_name: str, permission: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{admin_name}"),
        "permission": lambda request: request.user.has_perm(permission),
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Doorstep"),
    "SITE_HEADER": _("Doorstep"),
    "SITE_SUBHEADER": _("Home verification"),
    "SITE_SYMBOL": "door_front",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": []},
}
