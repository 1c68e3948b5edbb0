"""Photograph the real QGIS with the plugin, under Xvfb, into docs/images.

Needs the demonstration's results (`make demo`), which are copied, and the staged plugin (`make
package`); QGIS gets a profile of its own in build/ and a home of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "screenshots"
IMAGES = ROOT / "docs" / "images"
NAMES = (
    "setup.png", "series-dates.png", "series-curve.png", "options.png",
    "toolbox.png", "parcels-page.png", "parcels-findings.png", "dock.png", "results.png",
    "maps-beside-truth.png", "results-list.png", "results-matrix.png", "results-swipe.png",
    "map-page.png", "train-settings.png", "train-curves.png", "history.png",
)  # fmt: skip
PREVIEW = "preview.png"
LARGEST = 400 * 1024
SETTINGS = """[PythonPlugins]
cscl_qgis=true
processing=true
db_manager=false
MetaSearch=false
grassprovider=false

[qgis]
checkVersion=false
newProjectDefault=false
showTips=false

[UI]
UITheme=default

[app]
projections\\newProjectCrsBehavior=UseCrsOfFirstLayer
"""


def main() -> None:
    """Start QGIS with scripts/photograph.py and check what came of it."""
    options = parse_options()
    demo = options.demo.resolve()
    if not (demo / "manifest.json").is_file():
        sys.exit(f"{demo}: it holds no results of the demonstration. Run first: make demo")
    shutil.rmtree(WORK, ignore_errors=True)
    profile = WORK / "profiles" / "default" / "QGIS"
    profile.mkdir(parents=True)
    (profile / "QGIS3.ini").write_text(SETTINGS, encoding="utf-8")
    log = WORK / "qgis.log"
    with copied(demo) as (shown, home):
        status = run_qgis(environment(shown, home), log, options.timeout)
    missing = [name for name in NAMES if not (WORK / name).is_file()]
    if missing:
        sys.exit(
            f"QGIS (status {status}) did not take {', '.join(missing)}; it said:\n"
            + log.read_text("utf-8", "replace")[-4000:]
        )
    IMAGES.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(demo / PREVIEW, WORK / PREVIEW)  # what the demonstration itself ends with
    for name in (*NAMES, PREVIEW):
        size = (WORK / name).stat().st_size
        if size > LARGEST:
            sys.exit(f"{WORK / name}: it has {size} bytes, more than {LARGEST}")
        shutil.copyfile(WORK / name, IMAGES / name)
        print(f"docs/images/{name}: {size / 1024:.0f} KiB")


@contextlib.contextmanager
def copied(demo: Path) -> Iterator[tuple[Path, Path]]:
    """Yield a copy of the demonstration, and a home with the plugin and its engine.

    Their paths suit a picture, and nobody builds or packs there meanwhile.
    """
    base = Path(tempfile.gettempdir()) / "maps"
    try:
        base.mkdir()
    except FileExistsError:
        sys.exit(f"{base}: it is in the way. Remove it, or set TMPDIR to another folder.")
    shown, home = base / "demo", base / "home"
    try:
        shutil.copytree(demo, shown)
        for job in shown.rglob("job.json"):
            move(job, shown)
        home.mkdir(mode=0o700)
        (home / "engine").symlink_to(ROOT / ".venv", target_is_directory=True)
        shutil.copytree(ROOT / "build" / "stage", home / "plugins")
        yield shown, home
    finally:
        shutil.rmtree(base, ignore_errors=True)


def move(job: Path, shown: Path) -> None:
    """Let a job name its folders as they are called now."""
    text = job.read_text("utf-8")
    output = json.loads(text)["parameters"]["output"]
    part = str(job.parent.relative_to(shown))
    former = output if part == "." else output.removesuffix(f"/{part}")
    job.write_text(text.replace(former, str(shown)), "utf-8")


def parse_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--demo", type=Path, default=ROOT / "build" / "demo")
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds for all pictures")
    return parser.parse_args()


def command() -> list[str]:
    """Return the call of QGIS in a screen of its own."""
    xvfb = ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 1500x960x24"]
    qgis = ["qgis.bin", "--nologo", "--noversioncheck", "--profiles-path", str(WORK)]
    return [*xvfb, *qgis, "--code", str(ROOT / "scripts" / "photograph.py")]


def run_qgis(variables: dict[str, str], log: Path, timeout: float) -> int | None:
    """Run QGIS to its end and return its status; `None` where it had to be ended."""
    with open(log, "wb") as stream:
        process = subprocess.Popen(
            command(),
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        finally:
            # The screen's server is a child of the same group and must not stay behind.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def environment(demo: Path, home: Path) -> dict[str, str]:
    """Return QGIS's environment: what it writes goes into a profile and a home of its own."""
    return {
        **os.environ,
        # QGIS's own Python takes its prefix from the first python3 on the path.
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
        "PYTHONPATH": str(ROOT / "scripts"),
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "LC_ALL": "C.UTF-8",
        "QGIS_PLUGINPATH": str(home / "plugins"),
        "CSCL_BACKEND_PYTHON": str(home / "engine" / "bin" / "python"),
        "CSCL_HOME": str(home / ".local" / "share" / "cscl"),
        "CSCL_DEMO": str(demo),
        "CSCL_PICTURES": str(WORK),
        "CSCL_RESULT": str(demo.with_name("result")),
    }


if __name__ == "__main__":
    main()
