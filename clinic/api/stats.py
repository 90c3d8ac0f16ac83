"""Numbers for administrators."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.errors import refusals
from accounts.api.permissions import ADMINISTRATORS, caller
from accounts.api.strict import Day
from clinic import numbers
from clinic.numbers import Grouping, Numbers, Row

ROW = {
    "key": "2027-03-01",
    "label": "1 March 2027",
    "bookings": 40,
    "cancellations": 4,
    "no_shows": 1,
    "booked_minutes": 1080,
    "offered_minutes": 1800,
    "utilisation": 0.6,
    "lead_days": 6.5,
}


class StatsQuery(serializers.Serializer[Any]):
    """Of which days, told apart by what."""

    by = serializers.ChoiceField(
        choices=Grouping.choices, default=Grouping.WEEK, help_text=_("What each row is about.")
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """That above and ``from`` and ``to``, which no attribute of a class can be called."""
        return {
            "from": Day(required=False, help_text=_("The first day; eight weeks ago, if it is not given.")),
            "to": Day(required=False, help_text=_("The day after the last; in four weeks, if it is not given.")),
        } | super().get_fields()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """A parameter without a value is one that is not given."""
        given: dict[str, Any] = super().to_internal_value({name: value for name, value in data.items() if value})
        return given


class StatsRowSerializer(serializers.Serializer[Row]):
    """The numbers of a doctor, department, site or week."""

    key = serializers.CharField(help_text=_("An id, or the Monday of a week; empty for what belongs to none."))
    bookings = serializers.IntegerField(help_text=_("Visits that begin then, whatever became of them."))
    cancellations = serializers.IntegerField(help_text=_("Those of them that were cancelled."))
    no_shows = serializers.IntegerField(help_text=_("Those of them to which nobody came."))
    booked_minutes = serializers.IntegerField(help_text=_("Of visits that were not cancelled."))
    offered_minutes = serializers.IntegerField(
        help_text=_("Of hours and extra hours less time off, as they stand now.")
    )
    utilisation = serializers.FloatField(
        allow_null=True, help_text=_("Booked minutes by offered ones; null if nothing is offered.")
    )
    lead_days = serializers.FloatField(
        allow_null=True, help_text=_("The median of the days from booking to visit; null without visits.")
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Those above and ``label``, which means something else to a field."""
        fields = super().get_fields()
        return {"key": fields.pop("key"), "label": serializers.CharField(), **fields}


class StatsSerializer(serializers.Serializer[Numbers]):
    """The numbers of a period."""

    by = serializers.ChoiceField(choices=Grouping.choices, source="grouping")
    results = StatsRowSerializer(many=True, source="rows")
    total = StatsRowSerializer()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Those above and the days."""
        days = {"from": serializers.DateField(source="start"), "to": serializers.DateField(source="end")}
        return days | super().get_fields()


class StatsView(APIView):
    """stats/."""

    permission_classes = ADMINISTRATORS

    @extend_schema(
        operation_id="stats",
        tags=["site"],
        summary="Count bookings and utilisation",
        parameters=[StatsQuery],
        responses={
            200: StatsSerializer,
            **refusals(
                *(400, 401, 403, 405, 406, 429),
                examples={
                    400: ("too_long", "Ask for at most a year at once."),
                    403: ("permission_denied", "You do not have permission to perform this action."),
                },
            ),
        },
        examples=[
            OpenApiExample(
                "A week",
                value={
                    "from": "2027-03-01",
                    "to": "2027-03-08",
                    "by": "week",
                    "results": [ROW],
                    "total": ROW | {"key": "", "label": "All"},
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Bookings, cancellations, no-shows, utilisation and lead time, by week, doctor, department or site.

        For administrators; about nobody's visits in particular. A visit counts where and in the week in which it
        begins, on its site's clock. What is offered is worked out from the hours as they stand now, of doctors who can
        be booked now. A doctor of two departments counts in both, and once in `total`. A year at most.
        """
        query = StatsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        start, end = numbers.usual(timezone.now())
        start, end = asked.get("from", start), asked.get("to", end)
        found = numbers.count(start, end, Grouping(asked["by"]), by=caller(request))
        return Response(StatsSerializer(found).data)
