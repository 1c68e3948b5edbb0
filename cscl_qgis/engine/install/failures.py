"""What went wrong in an installation, in words, from what the program said."""

from __future__ import annotations

import re
from typing import Tuple

from ....backend.cscl.contract.errors import UserError
from ...words import tr

_HASH = ("DO NOT MATCH THE HASHES", "Hash mismatch for")
_DISK = (
    "No space left on device", "File too large", "not enough space on the disk",
    "Disk quota exceeded", "Errno 28", "os error 28",
)  # fmt: skip
_CERTIFICATE = ("CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "UnknownIssuer")
_PROXY = ("ProxyError", "Tunnel connection failed", "Proxy Authentication Required")
_NETWORK = (
    "Failed to establish a new connection", "NewConnectionError", "NameResolutionError",
    "Name or service not known", "Temporary failure in name resolution", "getaddrinfo failed",
    "Network is unreachable", "ReadTimeoutError", "ConnectTimeoutError", "Read timed out",
    "Max retries exceeded", "connection error", "Connection reset", "Connection refused",
    "IncompleteRead", "dns error", "error sending request", "Failed to fetch",
    "Could not connect", "Failed to download",
)  # fmt: skip
_NO_VENV = ("ensurepip is not available", "No module named ensurepip", "No module named venv")
_NOT_ALLOWED = ("Permission denied", "PermissionError", "Read-only file system", "Access is denied")
_NO_BUILD = (
    "No matching distribution found for", "Could not find a version that satisfies",
    "no wheels with a matching", "No solution found when resolving", "was not found in the",
)  # fmt: skip
_MISSING = re.compile(r"(?:No matching distribution found for|satisfies the requirement) (\S+)")
_MISMATCH = re.compile(
    r"^\s*([A-Za-z0-9_.-]+==\S+?) from |Hash mismatch for `([^`]+)`", re.MULTILINE
)


def lacks_build(output: str) -> bool:
    """Tell whether a program found no build of a package for this Python and system."""
    return _said(output, _NO_BUILD) and not _said(output, _NETWORK)


def failure(step: str, output: str) -> UserError:
    """Return the error for a step that failed, from the lines its program wrote."""
    code, found, remedy = _explained(output)
    if code:
        return UserError(code, step, found, remedy)
    wrong = [line[7:] for line in output.splitlines() if line.startswith("failed ")]
    last = wrong[0] if wrong else output.strip().rsplit("\n", 1)[-1][:400]
    return UserError(
        "install_failed", step,
        tr("it failed: {text}", text=last) if last else tr("it failed without a word"),
        tr("Try again; the details say more."),
    )  # fmt: skip


def _explained(output: str) -> Tuple[str, str, str]:
    if _said(output, _HASH):
        match = _MISMATCH.search(output)
        name = next((part for part in match.groups() if part), "") if match else ""
        return (
            "wrong_hash",
            tr("{name} is not the file that this version of the plugin was tested with", name=name
               or tr("a package")),
            tr("Try again. If it stays, what you download from, or the folder, holds a changed "
               "file: do not use it."),
        )  # fmt: skip
    if _said(output, _DISK):
        return (
            "disk_full", tr("the disk became full"),
            tr("Free some space and press Install again: what was downloaded is kept."),
        )  # fmt: skip
    if _said(output, _CERTIFICATE):
        return (
            "certificate", tr("the certificate of the server is not trusted"),
            tr("In a company's network, add its certificate under Settings > Options > "
               "Authentication > Manage Certificates, then try again."),
        )  # fmt: skip
    if _said(output, _PROXY):
        return (
            "proxy", tr("the proxy refused the connection"),
            tr("Check Settings > Options > Network, then try again."),
        )  # fmt: skip
    if _said(output, _NETWORK):
        return (
            "no_network", tr("the network could not be reached"),
            tr("Check the connection and press Install again: what was downloaded is kept. "
               "Without a network, use a folder of wheels."),
        )  # fmt: skip
    return _explained_local(output)


def _explained_local(output: str) -> Tuple[str, str, str]:
    if _said(output, _NO_VENV):
        return (
            "no_venv", tr("this Python cannot make environments"),
            tr("On Debian and Ubuntu install the package python3-venv; or choose another Python."),
        )  # fmt: skip
    if _said(output, _NO_BUILD):
        match = _MISSING.search(output)
        return (
            "no_build",
            tr("there is no build of {name} for this Python and system",
               name=match.group(1) if match else tr("a package")),
            tr("Choose another Python (3.11 to 3.14), or a folder of wheels made for this one."),
        )  # fmt: skip
    if _said(output, _NOT_ALLOWED):
        return (
            "not_writable", tr("a file or folder may not be written"),
            tr("Set the variable CSCL_HOME to a folder of your own, start QGIS again and retry."),
        )  # fmt: skip
    return "", "", ""


def _said(output: str, phrases: Tuple[str, ...]) -> bool:
    return any(phrase in output for phrase in phrases)
