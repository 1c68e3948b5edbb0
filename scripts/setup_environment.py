"""Set up what `make` needs: `backend` (.venv), `qgis` (.venv-qgis and apt's packages), `tools`.

Runs on any Python 3, so that it can say in words that another one is needed.
"""

import os
import shutil
import subprocess
import sys
import time

MINIMUM = (3, 11)
TORCH = os.environ.get("CSCL_TORCH", "torch==2.13.0")
QGIS_PYTHON = "/usr/bin/python3"
# What must be there, how that is seen, and the Debian package that brings it.
PROGRAMS = (
    ("qgis_process.bin", "qgis"),
    ("xvfb-run", "xvfb"),
    ("xauth", "xauth"),
    ("zip", "zip"),
)
MODULES = (
    ("qgis.core", "python3-qgis"),
    ("qgis.PyQt.QtTest", "python3-qgis"),
    ("venv", "python3-venv"),
    ("ensurepip", "python3-venv"),
)


def main(arguments):
    """Run one of the steps."""
    steps = {"backend": backend, "qgis": qgis, "tools": tools}
    if len(arguments) != 1 or arguments[0] not in steps:
        sys.exit("usage: setup_environment.py " + "|".join(steps))
    started = time.monotonic()
    steps[arguments[0]]()
    say(f"{arguments[0]} is ready after {time.monotonic() - started:.0f} s.")


def backend():
    """Create .venv with the engine, torch first so that the chosen build is kept."""
    if sys.version_info < MINIMUM:
        found = ".".join(str(part) for part in sys.version_info[:2])
        wanted = ".".join(str(part) for part in MINIMUM)
        sys.exit(
            f"The engine needs Python {wanted} or later; {sys.executable} is {found}. "
            f"Install a later one and name it: make PYTHON=python{wanted}"
        )
    create_environment(".venv", sys.executable)
    say(f"Installing {TORCH} (the largest part).")
    pip(".venv", TORCH)
    say("Installing the engine and its libraries.")
    pip(".venv", "-e", ".[test]")


def qgis():
    """Create .venv-qgis, which sees the system's QGIS, and install QGIS where it is missing."""
    install_packages(missing_packages())
    create_environment(".venv-qgis", QGIS_PYTHON, "--system-site-packages")
    pip(".venv-qgis", "pytest>=8", "pytest-qgis>=2", "pytest-qt>=4.2", "pytest-timeout>=2.3")


def tools():
    """Create build/tools: pb_tool stages the plugin, the others check it and build the guide."""
    folder = os.path.join("build", "tools")
    create_environment(folder, sys.executable)
    pip(folder, "pb_tool>=3.5,<4", "bandit>=1.8", "detect-secrets>=1.5", "mkdocs>=1.6,<2")
    # Only its lists of names are read; the libraries of Qt 6 are not needed for that.
    pip(folder, "--no-deps", "PyQt6>=6.6")


def create_environment(folder, python, *options):
    """Create a virtual environment, or keep one whose Python starts."""
    if runs([environment_python(folder), "-m", "pip", "--version"]):
        return
    if not runs([python, "-c", "import venv, ensurepip"]):
        install_packages(["python3-venv"])
    shutil.rmtree(folder, ignore_errors=True)
    say(f"Creating {folder}.")
    subprocess.run([python, "-m", "venv", *options, folder], check=True)


def environment_python(folder):
    """Return the Python of a virtual environment."""
    inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(folder, *inside)


def pip(folder, *requirements):
    """Install into a virtual environment; nothing is kept outside this folder."""
    command = [environment_python(folder), "-m", "pip", "install", "--quiet", "--no-cache-dir"]
    result = subprocess.run(
        command + ["--disable-pip-version-check", *requirements],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if result.returncode != 0:
        sys.exit(
            "pip could not install {}:\n{}\nCheck the network and the free space, "
            "then run the same command again.".format(" ".join(requirements), result.stderr)
        )


def missing_packages():
    """Return the Debian packages that the QGIS tests need and that are not there."""
    missing = [package for program, package in PROGRAMS if shutil.which(program) is None]
    for module, package in MODULES:
        if not runs([QGIS_PYTHON, "-c", "import " + module]):
            missing.append(package)
    if "qgis" in missing:
        missing.append("qgis-providers")
    return sorted(set(missing))


def install_packages(packages):
    """Install Debian packages, as root or by sudo; else say which are wanted and stop."""
    if not packages:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    prefix = [] if os.name == "posix" and os.geteuid() == 0 else ["sudo", "--non-interactive"]
    allowed = not prefix or (shutil.which("sudo") is not None and runs([*prefix, "true"]))
    if shutil.which("apt-get") is None or not allowed:
        sys.exit(
            "These packages are missing and cannot be installed from here: {0}.\n"
            "Install them (on Debian and Ubuntu: sudo apt-get install {0}), "
            "then run the same command again.".format(" ".join(packages))
        )
    say("Installing from the system's packages: {}.".format(" ".join(packages)))
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    for part in (["apt-get", "update", "--quiet"], command):
        result = subprocess.run(
            prefix + environment + part,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if result.returncode != 0:
            sys.exit("{} failed:\n{}".format(" ".join(part), result.stdout[-4000:]))


def runs(command):
    """Tell whether a command ends well."""
    try:
        result = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return False
    return result.returncode == 0


def say(text):
    """Print one line at once."""
    print("[set-up] " + text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
