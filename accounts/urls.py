"""The pages of one's own account, below /accounts/; what is not here is allauth's."""

from django.urls import path

from accounts.views import sessions

urlpatterns = [
    path("logout/", sessions.SignOut.as_view(), name="account_logout"),
    path("signed-out/", sessions.signed_out, name="signed-out"),
    path("sessions/", sessions.my_sessions, name="my-sessions"),
    path("sessions/<int:pk>/end/", sessions.end, name="end-session"),
    path("sessions/end-all/", sessions.end_all, name="end-all-sessions"),
]
