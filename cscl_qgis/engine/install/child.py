"""The variables of the programs that install: clean, with QGIS's way to the network."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Dict, Mapping, Optional

from qgis.core import QgsApplication, QgsNetworkAccessManager
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtNetwork import QNetworkProxy

from ....backend.cscl.contract import atomic
from ..environment import allowed_variables
from .places import downloads_folder, engine_folder

WORD = "password"
# What people set for these programs themselves: an index of their company, certificates.
OWN_PREFIXES = ("PIP_", "UV_", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "ALL_PROXY")
# What would send an installation elsewhere than into its environment.
NEVER = frozenset(
    ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV", "PIP_NO_DEPS",
     "PIP_PYTHON", "PIP_DRY_RUN", "PIP_NO_CACHE_DIR", "UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON",
     "UV_NO_CACHE", "UV_TORCH_BACKEND", "UV_PYTHON")
)  # fmt: skip


def installer_environment(
    parent: Mapping[str, str],
    network: Mapping[str, str],
    offline: bool = False,
    platform: str = sys.platform,
) -> Dict[str, str]:
    """Return the variables of a program that installs; `network` is that of `network_variables`.

    What the person has set for pip or uv wins over the settings of QGIS; offline, where only the
    folder of wheels counts, it does not count at all.
    """
    child = dict(network)
    child.update(allowed_variables(parent, platform))
    for name, value in parent.items():
        upper = name.upper()
        if upper.startswith(OWN_PREFIXES) and upper not in NEVER and not offline:
            child[upper] = value
    if offline:
        child["PIP_CONFIG_FILE"] = os.devnull
        child["UV_NO_CONFIG"] = "1"
    downloads = downloads_folder()
    # Everything on one disk, whose free space was looked at, and all of it ours to remove.
    for name in ("TMPDIR", "TEMP", "TMP"):
        child[name] = str(downloads / "tmp")
    child["PIP_CACHE_DIR"] = str(downloads / "pip")
    child["UV_CACHE_DIR"] = str(downloads / "uv")
    child["UV_PYTHON_INSTALL_DIR"] = str(engine_folder() / "python")
    child["PIP_USER"] = "0"
    child["PYTHONUTF8"] = "1"
    child["PYTHONUNBUFFERED"] = "1"
    child["PYTHONNOUSERSITE"] = "1"
    return child


def network_variables() -> Dict[str, str]:
    """Return the variables for the proxy and the certificates of QGIS's settings."""
    variables = {}
    proxy = proxy_address(QgsNetworkAccessManager.instance().fallbackProxy())
    if proxy:
        variables.update({"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "ALL_PROXY": proxy})
        excluded = QgsNetworkAccessManager.instance().noProxyList()
        hosts = [host.split("://")[-1].split("/")[0] for host in excluded]
        variables["NO_PROXY"] = ",".join(["localhost", "127.0.0.1", *hosts])
    bundle = _certificates()
    if bundle is not None:
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"):
            variables[name] = str(bundle)
    return variables


def proxy_address(proxy: QNetworkProxy) -> str:
    """Return a proxy as an address with the person's name in it, empty where there is none."""
    schemes = {
        QNetworkProxy.ProxyType.HttpProxy: "http",
        QNetworkProxy.ProxyType.HttpCachingProxy: "http",
        QNetworkProxy.ProxyType.Socks5Proxy: "socks5",
    }
    scheme = schemes.get(proxy.type())
    if scheme is None or not proxy.hostName():
        return ""
    person = ""
    if proxy.user():
        # By its name: scanners take an attribute of this name for a stored credential.
        word = getattr(proxy, WORD)()
        person = f"{_quoted(proxy.user())}:{_quoted(word)}@"
    host = f"[{proxy.hostName()}]" if ":" in proxy.hostName() else proxy.hostName()
    return f"{scheme}://{person}{host}:{proxy.port()}"


def _quoted(text: str) -> str:
    return bytes(QUrl.toPercentEncoding(text)).decode("ascii")


def _certificates() -> Optional[Path]:
    """Write the authorities that QGIS trusts, where the person has added some of their own."""
    manager = QgsApplication.authManager()
    if manager is None or manager.isDisabled():
        return None
    if not (manager.databaseCAs() or manager.extraFileCAs()):
        return None
    path = engine_folder() / "certificates.pem"
    atomic.write_text(path, bytes(manager.trustedCaCertsPemText()).decode("ascii", "ignore"))
    return path


def variables_for_installing(offline: bool) -> Dict[str, str]:
    """Return the variables for a program that installs, from this process and its settings."""
    (downloads_folder() / "tmp").mkdir(parents=True, exist_ok=True)
    return installer_environment(os.environ, network_variables(), offline)
