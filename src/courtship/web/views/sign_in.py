"""The door, where the server can be reached from other machines: Django's own users and passwords."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST


class SignIn(LoginView):
    """Django's login with our page."""

    template_name = "courtship/sign_in.html"
    form_class = AuthenticationForm
    redirect_authenticated_user = True


show = SignIn.as_view()


@require_POST
def out(request: HttpRequest) -> HttpResponse:
    """Out of the door."""
    logout(request)
    return HttpResponseRedirect(reverse("sign_in"))
