"""The charts of a training, one below the other, with an earlier run beside."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Set, Tuple

from qgis.PyQt.QtWidgets import QComboBox, QVBoxLayout, QWidget

from ...words import tr
from ..chart import LineChart
from ..ticks import short_number
from .figures import BLUE, GREEN, ORANGE, Curve, Figures, lines
from .plan import FINETUNE, PRETRAIN

STAGES = (PRETRAIN, FINETUNE)
CHARTS = 3


class TrainingCharts(QWidget):
    """Shows the figures of one stage at a time, that which trains unless another is chosen.

    `nothing` is what a stage without figures says.
    """

    def __init__(self, nothing: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._nothing = nothing
        self.figures = Figures()
        # The stages of a training that was started: their figures are to come.
        self._begun: Set[str] = set()
        self._other = Figures()
        self._other_name = ""
        self.stage_box = QComboBox()
        self.stage_box.setObjectName("cscl_stage")
        self.stage_box.setToolTip(tr("The stage whose figures are shown"))
        self.stage_box.addItem(tr("Pretraining"), PRETRAIN)
        self.stage_box.addItem(tr("Fine-tuning"), FINETUNE)
        self.charts = [LineChart() for _ in range(CHARTS)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stage_box)
        for number, chart in enumerate(self.charts):
            chart.setObjectName(f"cscl_chart_{number}")
            layout.addWidget(chart, 1)
        self.stage_box.currentIndexChanged.connect(self._draw)
        self.stage_box.setCurrentIndex(1)
        self._draw()

    def begin(self, stage: str) -> None:
        """Start the curves of a stage anew; those of the other stage stay."""
        self._begun.add(stage)
        self.figures.stages.pop(stage, None)
        self.figures.stage = ""
        self.show_stage(stage)

    def show_stage(self, stage: str) -> None:
        """Turn to a stage."""
        if stage in STAGES:
            self.stage_box.setCurrentIndex(STAGES.index(stage))
        self._draw()

    def take(self, event: object) -> None:
        """Take an event of the running job."""
        before = self.figures.stage
        changed = self.figures.take(event)
        if self.figures.stage != before:
            self.show_stage(self.figures.stage)
        elif changed:
            self._draw()

    def show_figures(self, figures: Figures) -> None:
        """Show the figures of a run that is not live."""
        self.figures = figures
        self._begun.clear()
        self.show_stage(FINETUNE if figures.stages.get(FINETUNE) else PRETRAIN)

    def compare(self, name: str, figures: Optional[Figures]) -> None:
        """Draw an earlier run's curves dashed beside, or none."""
        self._other, self._other_name = figures or Figures(), name if figures else ""
        self._draw()

    def clear(self) -> None:
        """Show nothing."""
        self.figures = Figures()
        self._begun.clear()
        self.compare("", None)

    def _draw(self, *_: object) -> None:
        stage = self.stage_box.currentData()
        for number, (title, curves) in enumerate(self._shown(stage)):
            chart = self.charts[number]
            drawn = lines(self.figures, stage, curves)
            if self._other_name:
                for curve in curves:
                    drawn += lines(self._other, stage, [curve], self._other_title(stage, curve))
            chart.set_empty(f"{title}\n{self._empty(stage)}")
            # The charts stand below each other: the last one's axis is that of all.
            chart.show_lines(drawn, tr("Step") if number == CHARTS - 1 else "", title)

    def _empty(self, stage: str) -> str:
        if stage in self._begun or self.figures.stage == stage:
            return tr("The first figures come with the first validation.")
        return self._nothing

    def _shown(self, stage: str) -> List[Tuple[str, Sequence[Curve]]]:
        """Return the charts of a stage: their titles and curves."""
        measured = {
            name for stages in (self.figures, self._other) for name in stages.stages.get(stage, {})
        }
        loss = [
            Curve("training/loss", tr("Training"), GREEN),
            Curve("validation/loss", tr("Validation"), ORANGE),
            Curve("validation/cross_entropy", tr("Validation"), ORANGE, True),
        ]
        if stage == PRETRAIN and "validation/mean_iou" not in measured:
            return [
                (tr("Loss"), loss),
                (tr("Pair AUC"), [Curve("validation/pair_auc", tr("Validation"), ORANGE)]),
                (tr("Similarity of neighbours"), [
                    Curve("validation/similarity_of_positives", tr("Of one class"), GREEN),
                    Curve("validation/similarity_of_negatives", tr("Of two classes"), BLUE),
                ]),
            ]  # fmt: skip
        return [
            (tr("Loss"), loss),
            (self._at(stage, {
                "10": tr("Accuracy at 10 m"), "5": tr("Accuracy at 5 m"),
                "2.5": tr("Accuracy at 2.5 m"),
            }), [
                Curve("validation/overall_accuracy", tr("All pixels"), GREEN, True),
                Curve("validation/boundary_accuracy", tr("Boundaries"), ORANGE, True),
            ]),
            (self._at(stage, {
                "10": tr("Mean IoU at 10 m"), "5": tr("Mean IoU at 5 m"),
                "2.5": tr("Mean IoU at 2.5 m"),
            }), [
                Curve("validation/interior_mean_iou", tr("Interior"), GREEN, True),
                Curve("validation/boundary_mean_iou", tr("Boundaries"), ORANGE, True),
            ]),
        ]  # fmt: skip

    def _at(self, stage: str, titles: Dict[str, str]) -> str:
        """Return the title of the resolution that the run has figures at, else another's."""
        return titles[_finest(self.figures, stage) or _finest(self._other, stage) or "10"]

    def _other_title(self, stage: str, curve: Curve) -> str:
        """Return the earlier run's name, with its resolution where the chart's is another."""
        own, other = _finest(self.figures, stage), _finest(self._other, stage)
        if not curve.by_resolution or not own or not other or own == other:
            return self._other_name
        metres = short_number(float(other))
        return tr("{run} at {resolution} m", run=self._other_name, resolution=metres)


def _finest(figures: Figures, stage: str) -> str:
    """Return the finest resolution of a stage's validation, or nothing before the first one."""
    validated = any(name.startswith("validation/") for name in figures.stages.get(stage, {}))
    return figures.resolution(stage) if validated else ""
