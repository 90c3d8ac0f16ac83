"""Small houses: what is broken in each, and what is in order though it looks alike. Paths to the text of files."""

from scheduler.tests.architecture.shape import LONGEST

MODELS = {"clinic/models.py": "class Visit: ...\n", "accounts/models/__init__.py": "class User: ...\n"}

BROKEN: dict[str, tuple[dict[str, str], list[str]]] = {
    "a lower app imports a higher one": (
        {"accounts/people.py": "import os\nfrom clinic.models import Visit\n"},
        ["accounts/people.py:2: dependency law"],
    ),
    "an app imports the project": (
        {"scheduler/__init__.py": "", "scheduler/errors.py": "", "clinic/api.py": "import scheduler.errors\n"},
        ["clinic/api.py:1: dependency law"],
    ),
    "a lower app imports a higher one for types alone": (
        {"clinic/booking.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import records\n"},
        ["clinic/booking.py:3: dependency law"],
    ),
    "a lower app's test imports a higher one": (
        {"accounts/tests/test_people.py": "from clinic.models import Visit\n"},
        ["accounts/tests/test_people.py:1: dependency law"],
    ),
    "a lower app names a higher one's model": (
        {"accounts/models/note.py": "\n\nvisit = 'clinic.Visit'\n"},
        ["accounts/models/note.py:3: dependency law"],
    ),
    "a lower app names a higher one's module": (
        {"accounts/people.py": "path = 'clinic.models.Visit'\n"},
        ["accounts/people.py:1: dependency law"],
    ),
    "models import a domain module": (
        {"clinic/booking.py": "", "clinic/models.py": "from clinic import booking\n"},
        ["clinic/models.py:1: layers"],
    ),
    "a domain module imports an entry point of another app": (
        {"accounts/views.py": "", "clinic/booking.py": "from accounts.views import who\n"},
        ["clinic/booking.py:1: layers"],
    ),
    "a form imports a view": (
        {"clinic/views/__init__.py": "", "clinic/views/find.py": "", "clinic/forms.py": "import clinic.views.find\n"},
        ["clinic/forms.py:1: layers"],
    ),
    "a constraint imports a model": (
        {"clinic/constraints.py": "from clinic.models import Visit\n"},
        ["clinic/constraints.py:1: layers"],
    ),
    "modules import each other": (
        {"clinic/booking.py": "from clinic import slots\n", "clinic/slots.py": "\nfrom clinic.booking import book\n"},
        ["clinic/slots.py:2: import circle"],
    ),
    "three modules import each other": (
        {
            "clinic/booking/__init__.py": "",
            "clinic/booking/a.py": "from clinic.booking import b\n",
            "clinic/booking/b.py": "import clinic.booking.c\n",
            "clinic/booking/c.py": "from clinic.booking.a import d\n",
        },
        ["clinic/booking/c.py:1: import circle"],
    ),
    "a module's name says nothing": ({"clinic/utils.py": ""}, ["clinic/utils.py:1: module name"]),
    "a package's name says nothing": (
        {"clinic/services/__init__.py": "", "clinic/services/booking.py": ""},
        ["clinic/services/__init__.py:1: module name", "clinic/services/booking.py:1: module name"],
    ),
    "a view saves": (
        {"clinic/views.py": "def move(request, visit):\n    visit.save()\n"},
        ["clinic/views.py:2: entry points never write"],
    ),
    "a view creates": (
        {"clinic/views.py": "from clinic.models import Visit\n\nVisit.objects.create()\n"},
        [
            "clinic/views.py:3: entry points never read unguarded",
            "clinic/views.py:3: entry points never write",
        ],
    ),
    "a view deletes what it may see": (
        {"clinic/api/visits.py": "from clinic.models import Visit\nVisit.objects.visible_to(None).delete()\n"},
        ["clinic/api/visits.py:2: entry points never write"],
    ),
    "a command updates another library's rows": (
        {
            "clinic/management/commands/tidy.py": "from django.contrib.auth.models import Group\n"
            "Group.objects.none().update(name='')\n"
        },
        ["clinic/management/commands/tidy.py:2: entry points never write"],
    ),
    "a serializer creates": (
        {"clinic/serializers.py": "class S:\n    def create(self, data):\n        self.Meta.model.create(**data)\n"},
        ["clinic/serializers.py:3: entry points never write"],
    ),
    "a form saves a model of its own making": (
        {"clinic/forms.py": "from clinic.models import Visit\nvisit = Visit()\nvisit.save()\n"},
        ["clinic/forms.py:3: entry points never write"],
    ),
    "a view reads everything": (
        {"clinic/views.py": "from clinic.models import Visit\nvisits = Visit.objects.all()\n"},
        ["clinic/views.py:2: entry points never read unguarded"],
    ),
    "a view hands the manager on": (
        {"clinic/views.py": "from clinic.models import Visit\nvisits = list(Visit._default_manager)\n"},
        ["clinic/views.py:2: entry points never read unguarded"],
    ),
    "a view gets any object": (
        {
            "clinic/views.py": "from django.shortcuts import get_object_or_404\nfrom clinic.models import Visit\n"
            "visit = get_object_or_404(Visit, pk=1)\n"
        },
        ["clinic/views.py:3: entry points never read unguarded"],
    ),
    "a view shows a whole table": (
        {"clinic/views.py": "from clinic.models import Visit\n\n\nclass Visits(ListView):\n    model = Visit\n"},
        ["clinic/views.py:4: entry points never read unguarded"],
    ),
    "an admin page lets Django write": (
        {
            "clinic/admin.py": "from django.contrib import admin\n\n\nclass VisitAdmin(admin.ModelAdmin[int]):\n"
            "    def get_queryset(self, request): ...\n"
        },
        ["clinic/admin.py:4: the admin goes through verbs"],
    ),
    "a domain module imports HTTP": (
        {"clinic/booking.py": "from django.http import Http404\n"},
        ["clinic/booking.py:1: domain without a request"],
    ),
    "a domain module imports DRF": (
        {"clinic/booking.py": "import rest_framework.exceptions\n"},
        ["clinic/booking.py:1: domain without a request"],
    ),
    "a domain module takes a request": (
        {"clinic/booking/__init__.py": "def book(*, by, request=None): ...\n"},
        ["clinic/booking/__init__.py:1: domain without a request"],
    ),
    "a model takes a request": (
        {"clinic/models.py": "class Visit:\n    def seen_by(self, request): ...\n"},
        ["clinic/models.py:2: domain without a request"],
    ),
    "a domain module names a database": (
        {"clinic/booking.py": '"""Not so on SQLite."""\n\nslow = backend == "sqlite"\n'},
        ["clinic/booking.py:3: vendor rule"],
    ),
    "a domain module asks which database it is": (
        {"clinic/booking.py": "slow = connection.vendor\n"},
        ["clinic/booking.py:1: vendor rule"],
    ),
    "a model imports a database's own fields": (
        {"clinic/models.py": "from django.contrib.postgres.fields import ArrayField\n"},
        ["clinic/models.py:1: vendor rule"],
    ),
    "guardian is imported outside its files": (
        {"clinic/booking.py": "from guardian.shortcuts import assign_perm\n"},
        ["clinic/booking.py:1: vendor rule"],
    ),
    "allauth is imported outside accounts": (
        {"clinic/views.py": "import allauth.account\n"},
        ["clinic/views.py:1: vendor rule"],
    ),
    "an import hides in a function": (
        {"clinic/booking.py": "def book():\n    import csv\n"},
        ["clinic/booking.py:2: import inside a function"],
    ),
    "an import hides in a function behind a bare noqa": (
        {"clinic/booking.py": "class A:\n    def book(self):\n        import csv  # noqa: PLC0415, F401\n"},
        ["clinic/booking.py:3: import inside a function"],
    ),
    "a file is too long": (
        {"clinic/booking.py": "\n" * (LONGEST + 1)},
        [f"clinic/booking.py:{LONGEST + 1}: file length"],
    ),
}

IN_ORDER: dict[str, dict[str, str]] = {
    "the project wires the apps": {
        "scheduler/__init__.py": "",
        "scheduler/urls.py": "import clinic.views\nimport accounts.urls\n",
        "clinic/views.py": "",
        "accounts/urls.py": "include('allauth.urls')\n",
    },
    "a host is called like an app": {"accounts/people.py": "host = 'clinic.example.org'\n"},
    "a view calls verbs": {
        "clinic/booking.py": "",
        "clinic/views.py": "from clinic import booking\nfrom django.core.cache import cache\n"
        "booking.create()\ncache.delete('key')\nform.save()\nself.get_serializer(data={}).save()\nsuper().delete()\n"
        "PersonForm({}).save()\nnewcomer = PersonSerializer()\nnewcomer.save()\nvalues = {}\nvalues.update(a=1)\n",
    },
    "a view reads what the viewer may see": {
        "clinic/views.py": "from clinic.models import Visit\nfrom django.shortcuts import get_object_or_404\n"
        "Visit.objects.visible_to(None).filter(pk=1)\nqueryset = Visit.objects.none()\n"
        "get_object_or_404(Visit.objects.public(), pk=1)\n",
    },
    "a view has a queryset": {
        "clinic/views.py": "from clinic.models import Visit\n\n\nclass Visits(ListView):\n    model = Visit\n\n"
        "    def get_queryset(self): ...\n",
    },
    "a domain module writes": {"clinic/booking.py": "from clinic.models import Visit\nVisit.objects.create().save()\n"},
    "imports for types go round": {
        "clinic/slots.py": "from clinic import booking\n",
        "clinic/booking.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from clinic import slots\n",
    },
    "a package's modules import each other in order": {
        "clinic/booking/__init__.py": "from clinic.booking.holds import hold\n",
        "clinic/booking/holds.py": "from clinic.booking import rules\n",
        "clinic/booking/rules.py": "",
    },
    "an import in a function tells why": {
        "clinic/booking.py": "def book():\n    # Heavy, and seldom needed.\n    import csv\n\n\n"
        "def list_all():\n    import json  # noqa: PLC0415  the report alone needs it\n",
    },
    "constraints name their databases": {"clinic/constraints.py": "if connection.vendor == 'sqlite': ...\n"},
    "a migration does as it likes": {
        "clinic/migrations/0001_initial.py": "from django.contrib.postgres.operations import BtreeGistExtension\n"
        "def fill(apps, schema_editor):\n    apps.get_model('clinic', 'Visit').objects.update(a=1)\n",
    },
    "a test does as it likes": {
        "clinic/tests/test_views.py": "import clinic.views\nfrom clinic.models import Visit\nVisit.objects.all()\n",
        "clinic/views.py": "",
    },
}
