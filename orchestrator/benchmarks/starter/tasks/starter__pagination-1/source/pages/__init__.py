"""Splitting results into pages and drawing the page navigation."""

from pages.navigation import navigation
from pages.paginator import Page, PageNotFound, Paginator

__all__ = ["Page", "PageNotFound", "Paginator", "navigation"]
