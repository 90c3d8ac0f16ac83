"""Pages of the API's lists."""

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """``{count, next, previous, results}`` with ``?page=`` and ``?page_size=`` (20, at most 100)."""

    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"
