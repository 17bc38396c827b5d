"""Pages of visit orders beside the list and the record: the request of a visit, and the letter to be saved."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import log_access
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.pages import form_page
from backoffice.core.pages.private import download
from cases.models import Case
from visits.admin.base import VisitsAdmin
from visits.admin.order_forms import RequestForm
from visits.services.dispatch import orders as dispatch
from visits.services.files.opening import open_letter


class OrderPages(VisitsAdmin):
    """The addresses below those of a visit order's own page."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("request/<int:case_id>/", wrap(self.request_view), name="visits_visitorder_request"),
            path("<int:object_id>/letter/", wrap(self.letter_view), name="visits_visitorder_letter"),
            *super().get_urls(),
        ]

    def letter_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Hand out the letter. It names the borrower, so who took it is logged."""
        order, at = self.get_object(request, str(object_id)), timezone.now()
        if (
            order is None
            or not self.has_view_permission(request, order)
            or not order.letter_file
            or not order.letter_code
        ):
            raise Http404
        try:
            opened = open_letter(order=order, actor=request.user, at=at)
        except DoorstepError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.page_of(order))
        # Logged first: what cannot be logged is not handed out.
        log_access(actor=request.user, subject=order, fields=["letter_file"], purpose=AccessPurpose.LETTER, at=at)
        return download(file=File(opened, name="kept"), name=f"{order}.pdf", media_type="application/pdf")

    def request_view(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Ask for a visit of one case at one of the borrower's addresses."""
        case = Case.objects.visible_to(request.user).filter(pk=case_id).first()
        if case is None:
            raise Http404
        if not request.user.has_perm("visits.request_visitorder"):
            raise PermissionDenied
        form = RequestForm(request.POST if request.method == "POST" else None, case=case, user=request.user)
        if form.is_valid():
            at = timezone.now()
            try:
                order = dispatch.request_visit(
                    case=case,
                    actor=request.user,
                    at=at,
                    business_date=timezone.localtime(at).date(),
                    **form.cleaned_data,
                )
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                messages.success(request, _("The visit is requested; another person approves it."))
                return HttpResponseRedirect(self.page_of(order))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Request"),
            title=_("Request a visit for case {case}").format(case=case),
            text=_(
                "A visit is the last resort. Whether it is lawful is checked now, when it is planned, and at the door."
            ),
        )
