"""Every question by its name."""

from __future__ import annotations

from typing import Dict

from .question_parts import Question
from .questions_images import CLOUDS, CURVE, LOOK, THUMBNAIL
from .questions_models import CARD, ESTIMATE, FITS, PREVIEW, RUN_SIZE, RUNS
from .questions_parcels import BALANCE, CLASS_CURVES, CLASS_TABLE, PARCELS, SAVE_CLASS_TABLE

QUESTIONS: Dict[str, Question] = {
    "look": LOOK,
    "clouds": CLOUDS,
    "thumbnail": THUMBNAIL,
    "curve": CURVE,
    "class_curves": CLASS_CURVES,
    "balance": BALANCE,
    "parcels": PARCELS,
    "class_table": CLASS_TABLE,
    "save_class_table": SAVE_CLASS_TABLE,
    "card": CARD,
    "fits": FITS,
    "estimate": ESTIMATE,
    "preview": PREVIEW,
    "runs": RUNS,
    "run_size": RUN_SIZE,
}
