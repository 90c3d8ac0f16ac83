"""The pages of one's own account, below /accounts/; what is not here is allauth's."""

from django.urls import path

from accounts.views import claim, guarded, my_data, profile, sessions

urlpatterns = [
    path("profile/", profile.my_profile, name="my-profile"),
    path("profile/picture/", profile.set_picture, name="set-picture"),
    path("profile/picture/remove/", profile.remove_picture, name="remove-picture"),
    path("email/", guarded.Address.as_view(), name="account_email"),
    path("password/set/", guarded.FirstPassword.as_view(), name="account_set_password"),
    path("invitation/<str:token>/", claim.claim, name="claim"),
    path("my-data/", my_data.my_data, name="my-data"),
    path("logout/", sessions.SignOut.as_view(), name="account_logout"),
    path("signed-out/", sessions.signed_out, name="signed-out"),
    path("still-here/", sessions.still_here, name="still-here"),
    path("sessions/", sessions.my_sessions, name="my-sessions"),
    path("sessions/<int:pk>/end/", sessions.end, name="end-session"),
    path("sessions/end-all/", sessions.end_all, name="end-all-sessions"),
]
