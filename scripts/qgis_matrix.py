"""Run the plugin's tests on the QGIS of other Debian releases, each in a root of its own.

`qgis_matrix.py [SUITE ...]` makes build/matrix/SUITE with debootstrap where it is missing, then
runs tests/qgis there: Python and QGIS are the release's, the test tools are wheels fetched outside
and installed without an index, the repository lies at its own path. The engine is this machine
itself, entered through a second root, so that jobs are real. Needs root, unshare, debootstrap.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MATRIX = ROOT / "build" / "matrix"
WHEELS = MATRIX / "wheels"
MIRROR = os.environ.get("CSCL_DEBIAN_MIRROR", "http://deb.debian.org/debian")
# The release and the QGIS it is there for.
SUITES = {"trixie": "3.40", "forky": "3.44"}
PACKAGES = (
    "qgis", "python3-qgis", "qgis-providers", "python3-venv", "xvfb", "xauth",
    "fonts-dejavu-core",
)  # fmt: skip
TOOLS = ("pytest>=8", "pytest-qgis>=2", "pytest-qt>=4.2", "pytest-timeout>=2.3")
HOST = "host"
# A testing release is mirrored with a date of its own, which may have passed.
APT = "apt-get --quiet --yes -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root"


def main(suites: list[str]) -> int:
    """Prepare and test each release; return how many failed."""
    unknown = [suite for suite in suites if suite not in SUITES]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: choose among {', '.join(SUITES)}")
    if os.geteuid() != 0 or not shutil.which("debootstrap") or not shutil.which("unshare"):
        sys.exit("the matrix needs root, debootstrap and unshare (apt-get install debootstrap)")
    fetch_wheels()
    failed = []
    for suite in suites or list(SUITES):
        prepare(suite)
        if test(suite) != 0:
            failed.append(suite)
    say(f"failed: {', '.join(failed)}" if failed else "all releases passed")
    return len(failed)


def fetch_wheels() -> None:
    """Fetch the test tools outside; inside there is no index to install from."""
    if list(WHEELS.glob("pytest_qgis-*.whl")):
        return
    WHEELS.mkdir(parents=True, exist_ok=True)
    pip = [str(ROOT / ".venv" / "bin" / "python"), "-m", "pip", "download", "--quiet"]
    pure = ["--only-binary", ":all:", "--python-version", "3.13", "--platform", "any"]
    run([*pip, *pure, "--dest", str(WHEELS), *TOOLS])


def prepare(suite: str) -> None:
    """Make the release's root with QGIS and the test tools, or keep one that is ready."""
    root = MATRIX / suite
    ready = MATRIX / f"{suite}.ready"
    if ready.is_file():
        return
    say(f"{suite}: making its root")
    if not (root / "usr" / "bin" / "apt-get").is_file():
        shutil.rmtree(root, ignore_errors=True)
        # Older debootstraps have no script for a release that came later: all are alike.
        script = "/usr/share/debootstrap/scripts/sid"
        run(["debootstrap", "--variant=minbase", suite, str(root), MIRROR, script])
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    install = f"{APT} update && {APT} install --no-install-recommends {' '.join(PACKAGES)}"
    run(inside(suite, f"export DEBIAN_FRONTEND=noninteractive; {install} && {APT} clean"))
    environment = "python3 -m venv --system-site-packages /opt/tests"
    tools = " ".join(f"'{tool}'" for tool in TOOLS)
    pip = f"/opt/tests/bin/pip install --quiet --no-index --find-links '{WHEELS}' {tools}"
    run(inside(suite, f"{environment} && {pip}"))
    ready.touch()


def test(suite: str) -> int:
    """Run the plugin's tests in the release's root; return pytest's status."""
    scratch = MATRIX / f"{suite}-scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    home = scratch / "home"
    home.mkdir(parents=True)
    scratch.chmod(0o700)
    engine = scratch / "engine"
    # The folder it is started in has the same path there.
    enter = 'cd "$0" && exec "$@"'
    python = f"{ROOT}/.venv/bin/python"
    engine.write_text(
        f'#!/bin/sh\nexec chroot /{HOST} /bin/sh -c \'{enter}\' "$PWD" "{python}" "$@"\n',
        encoding="utf-8",
    )
    engine.chmod(0o755)
    exports = {
        "HOME": home, "XDG_CONFIG_HOME": home / ".config", "XDG_DATA_HOME": home / ".local",
        "XDG_CACHE_HOME": home / ".cache", "XDG_RUNTIME_DIR": scratch, "TMPDIR": scratch,
        "CSCL_BACKEND_PYTHON": engine, "LC_ALL": "C.UTF-8", "CSCL_WITHOUT_SCENES": "1",
    }  # fmt: skip
    words = " ".join(f"'{name}={value}'" for name, value in exports.items())
    screen = "xvfb-run --auto-servernum --server-args='-screen 0 1600x1000x24'"
    pytest = (
        f"/opt/tests/bin/python -m pytest -q --timeout=300 -p no:cacheprovider {chosen_tests()}"
    )
    version = "python3 -c 'from qgis.core import Qgis; print(Qgis.QGIS_VERSION)'"
    say(f"{suite}: QGIS {SUITES[suite]}")
    command = f"cd '{ROOT}' && export {words} && {version} && {screen} {pytest}"
    return subprocess.run(inside(suite, command), stdin=subprocess.DEVNULL, check=False).returncode


def chosen_tests() -> str:
    """Return what pytest is to run: everything of the plugin, or what the person names."""
    return os.environ.get("CSCL_MATRIX_TESTS", "tests/qgis")


def inside(suite: str, command: str) -> list[str]:
    """Return the call that runs a shell command in a release's root.

    Its mounts are in a namespace of their own and are gone with it, so that nothing of this machine
    hangs below build/ when that is removed.
    """
    root = MATRIX / suite
    place = root / str(ROOT).lstrip("/")
    for folder in (place, root / HOST, root / "proc", root / "dev"):
        folder.mkdir(parents=True, exist_ok=True)
    mounts = (
        f"mount -t proc proc '{root}/proc'; mount --rbind /dev '{root}/dev'; "
        f"mount --bind '{ROOT}' '{place}'; mount --rbind / '{root}/{HOST}'; "
    )
    outer = f'set -e; {mounts}exec chroot "{root}" /bin/sh -c "$1"'
    return [
        "nice", "-n", "10", "unshare", "--mount", "--pid", "--fork", "--kill-child",
        "sh", "-c", outer, "sh", command,
    ]  # fmt: skip


def run(command: list[str]) -> None:
    """Run a command and stop where it fails."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    if result.returncode != 0:
        sys.exit(f"this failed: {' '.join(command)}")


def say(text: str) -> None:
    """Print one line at once."""
    print(f"[matrix] {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
