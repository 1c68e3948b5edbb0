"""The sections of a report on how it came about: calibration, training, assumptions, versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cscl.evaluation.charts import learning_curves, reliability_diagram
from cscl.evaluation.sections import REFERENCES
from cscl.evaluation.summary import best_reference, duration, percent
from cscl.pages.html import Markup, definitions, drawing, element, joined, section, table

Report = Mapping[str, Any]

STAGES = {"pretrain": "Pretraining", "finetune": "Fine-tuning"}
# Figures that are no score and clutter the picture.
NOT_DRAWN = ("rate",)


def calibration(report: Report) -> Markup:
    """Whether the probabilities mean what they say."""
    reference = best_reference(report)
    rows = [row for row in report["calibration"] if row["reference"] == reference]
    if not rows:
        return Markup("")
    body = [
        (
            f"{row['resolution']} m, {row['zone']}",
            f"{row['pixels']:,}",
            f"{row['temperature']:.2f}",
            percent(row["error_before"], 2),
            element("b", percent(row["error_after"], 2)),
            percent(row["class_wise_before"], 2),
            percent(row["class_wise_after"], 2),
        )
        for row in rows
    ]
    headers = ("", "Pixels", "Temperature", *(["As trained", "With temperature"] * 2))
    groups = [("", 3), ("Error of the mapped class", 2), ("Mean over all classes", 2)]
    about = (
        f"Expected calibration error of the mapped class against {REFERENCES[reference]}, 15 bins "
        "of equal mass: the mean gap between probability and share that is right. The "
        "temperatures were fitted on the validation split."
    )
    if any(abs(row["temperature"] - 1) < 1e-9 for row in rows):
        about += " It stays 1 where fitting it made the error there worse."
    about += _worse([row for row in rows if row["zone"] == "all"])
    whole = [row for row in rows if row["zone"] == "all"]
    caption = "On the diagonal, a probability of 0.8 is right in 80 % of its pixels."
    return section(
        "calibration",
        "Calibration",
        element("p", about),
        table(headers, body, groups=groups),
        drawing(reliability_diagram(whole), caption),
        *_parcels(report, reference),
    )


def _worse(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say where a temperature that helped on validation does harm on the split at hand."""
    found = [row["resolution"] for row in rows if row["error_after"] > row["error_before"]]
    if not found:
        return ""
    return (
        f" On this split it makes the error worse at {' and '.join(found)} m: what held on "
        "validation does not hold here."
    )


def _parcels(report: Report, reference: str) -> list[Markup]:
    """Calibration of parcels, whose probabilities are means over pixels."""
    rows = [row for row in report["parcel_calibration"] if row["reference"] == reference]
    if not rows:
        return []
    body = [
        (
            f"{row['resolution']} m",
            f"{row['parcels']:,}",
            f"{row['fitted_on']:,}",
            f"{row['temperature']:.2f}",
            percent(row["error_before"], 2),
            element("b", percent(row["error_after"], 2)),
            percent(row["class_wise_before"], 2),
            percent(row["class_wise_after"], 2),
        )
        for row in rows
    ]
    about = (
        "A parcel’s probabilities are the means over its pixels, which are too cautious where "
        "pixels err apart and too bold where they err together: parcels have a temperature of "
        "their own, fitted on those of the validation split."
    )
    kept = [row["resolution"] for row in rows if abs(row["temperature"] - 1) < 1e-9]
    if kept:
        about += f" It stays 1 at {' and '.join(kept)} m: fitting it made the error there worse."
    about += _worse(rows)
    headers = ("Map", "Parcels", "Fitted on", "Temperature", *(["Means", "With temperature"] * 2))
    groups = [("", 4), ("Error of the mapped class", 2), ("Mean over all classes", 2)]
    return [element("h3", "Parcels"), element("p", about), table(headers, body, groups=groups)]


def courses(report: Report) -> Markup:
    """Courses of training, from `metrics.csv`."""
    parts: list[object] = []
    for item in report["curves"]:
        rows = [row for row in item["rows"] if row[2] not in NOT_DRAWN]
        if rows:
            title = STAGES[item["stage"]]
            parts += [element("h3", title), drawing(learning_curves(item["stage"], rows), "")]
    if not parts:
        parts = [element("p", "The model folder holds no metrics.csv.", css="quiet")]
    return section("training", "Training", *parts)


def assumed(report: Report) -> Markup:
    """What was assumed, adapted or done instead."""
    notes = report["notes"]
    if not notes:
        body = element("p", "Nothing was noted.", css="quiet")
    else:
        body = element("ul", joined(element("li", note) for note in notes), css="notes")
    return section("assumed", "What was assumed", body)


def origin(report: Report) -> Markup:
    """Data, model, commands and versions."""
    data, model, training = report["dataset"], report["model"], report["model"]["training"]
    dates = data["dates"]
    seconds = training.get("seconds")
    lists = [
        element("h3", "Data"),
        definitions(
            [
                ("Dataset", element("code", data["path"])),
                ("Season", " to ".join(data["season"])),
                ("Dates", f"{len(dates)}, {dates[0]} to {dates[-1]}" if dates else "none"),
                ("Bands", ", ".join(data["bands"])),
                ("Level", data["level"] or "not known"),
                ("Chips", ", ".join(f"{n} {split}" for split, n in data["chips"].items())),
                ("Other land", "learnt and mapped" if data["outside"] == "class" else "ignored"),
                ("Fingerprint", element("code", data["fingerprint"])),
            ]
        ),
        element("h3", "Model"),
        definitions(
            [
                ("Model", element("code", model["path"])),
                ("Network", f"{model['architecture']}, width {model['width']:g}"),
                ("Parameters", f"{model['parameters']:,}"),
                ("Resolutions", ", ".join(_head(item) for item in model["heads"])),
                ("Trained", _trained(training)),
                ("Time of training", duration(seconds) if seconds is not None else ""),
                ("Weights (sha256)", element("code", model["sha256"])),
            ]
        ),
        element("h3", "Commands and versions"),
        definitions(
            [
                *((name, element("code", text)) for name, text in report["commands"].items()),
                ("Versions", ", ".join(f"{k} {v}" for k, v in report["versions"].items())),
                ("Written", report["created"]),
            ]
        ),
    ]
    return section("origin", "Data and versions", *lists)


def _head(scale: int) -> str:
    return f"{10 / scale:g} m"


def _trained(training: Mapping[str, Any]) -> str:
    known = [
        (training.get("epochs"), "{} epochs"),
        (training.get("steps"), "{} steps"),
        (training.get("preset"), "preset {}"),
        (training.get("device"), "on {}"),
        (training.get("precision"), "{}"),
    ]
    return ", ".join(text.format(item) for item, text in known if item is not None)
