"""The pages of the dock, in the order of the work."""

from __future__ import annotations

from typing import Tuple, Type

from ..page import Page
from .history import HistoryPage
from .map import MapPage
from .parcels import ParcelsPage
from .results import ResultsPage
from .series import SeriesPage
from .train import TrainPage
from .whole import WholePage

PAGES: Tuple[Type[Page], ...] = (
    WholePage,
    SeriesPage,
    ParcelsPage,
    TrainPage,
    MapPage,
    ResultsPage,
    HistoryPage,
)
