"""The pages of the dock, in the order of the work."""

from __future__ import annotations

from typing import Tuple, Type

from ..page import Page
from .parcels import ParcelsPage
from .results import ResultsPage
from .whole import WholePage
from .train import TrainPage

PAGES: Tuple[Type[Page], ...] = (WholePage, ParcelsPage, TrainPage, MapPage, ResultsPage)
