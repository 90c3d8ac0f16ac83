"""The portal's addresses."""

from django.urls import path

from clinic.views import (
    answers,
    appointments,
    calendar,
    changes,
    day,
    details,
    directory,
    find,
    messages,
    picture,
    start,
)

urlpatterns = [
    path("", find.find, name="find"),
    path("start/", start.start, name="start"),
    path("doctors/", directory.doctors, name="doctors"),
    path("doctors/<uuid:pk>/", directory.doctor, name="doctor"),
    path("doctors/<uuid:pk>/picture/", picture.of_doctor, name="doctor-picture"),
    path("departments/", directory.departments, name="departments"),
    path("departments/<uuid:pk>/", directory.department, name="department"),
    path("hold/", find.hold, name="hold"),
    path("book/", details.details, name="details"),
    path("book/keep/", details.keep, name="keep"),
    path("book/give-back/", details.give_back, name="give-back"),
    path("appointments/", appointments.my_appointments, name="my-appointments"),
    path("appointments/<uuid:pk>/", appointments.booked, name="booked"),
    path("appointments/<uuid:pk>/calendar.ics", appointments.calendar, name="calendar-file"),
    path("appointments/<uuid:pk>/move/", changes.move, name="move"),
    path("appointments/<uuid:pk>/cancel/", changes.cancel, name="cancel"),
    path("appointments/<uuid:pk>/undo-cancel/", changes.undo_cancel, name="undo-cancel"),
    path("answer/<str:token>/", answers.answer, name="answer"),
    path("calendar/", calendar.my_calendar, name="my-calendar"),
    path("calendar/address/", calendar.set_feed, name="set-calendar-feed"),
    path("calendar/close/", calendar.close_feed, name="close-calendar-feed"),
    path("calendar/<str:token>.ics", calendar.feed, name="calendar-feed"),
    path("people/<uuid:pk>/picture/", picture.picture, name="picture"),
    path("day/", day.day, name="day"),
    path("day/agenda/", day.agenda, name="agenda"),
    path("staff/messages/", messages.samples, name="message-samples"),
    path("staff/messages/<slug:kind>/", messages.sample, name="message-sample"),
]
