"""Where the REST doors are."""

urlpatterns: list[object] = []
