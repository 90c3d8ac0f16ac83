"""What the schema says of a conflict: a time that is taken brings others along."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from accounts.api.errors import MEANING, ErrorDetailSerializer, ErrorSerializer
from clinic.api.serializers.slots import SlotSerializer

SLOT_TAKEN = {
    "error": {
        "code": "slot_taken",
        "message": "This time was just taken.",
        "fields": {"starts_at": ["This time was just taken."]},
        "alternatives": [
            {
                "doctor": "6f1b0a52-5a2f-4d39-9f2e-0f6f6b0c1a01",
                "doctor_name": "Dr. Wei Chen",
                "site": "a7a2d3c4-1b5e-4f60-8a91-6d2c7e8f9d04",
                "site_name": "Berlin",
                "starts_at": "2027-03-01T10:00:00+01:00",
                "ends_at": "2027-03-01T10:30:00+01:00",
                "visit_type": None,
                "status": "free",
            }
        ],
    }
}


class ConflictDetailSerializer(ErrorDetailSerializer):
    """Why it conflicts."""

    alternatives = SlotSerializer(
        many=True, required=False, help_text=_("With `slot_taken`: the three nearest times that are free.")
    )


class ConflictSerializer(ErrorSerializer):
    """A refusal, perhaps with alternatives."""

    error = ConflictDetailSerializer()


def conflicts(*codes: str) -> dict[int, OpenApiResponse]:
    """The schema's entry for 409 where a time may be taken; ``codes`` are the others that may come."""
    told = ", ".join(f"`{code}`" for code in ("slot_taken", *codes))
    example = OpenApiExample("slot_taken", value=SLOT_TAKEN, status_codes=["409"])
    return {409: OpenApiResponse(ConflictSerializer, description=f"{MEANING[409]} {told}.", examples=[example])}
