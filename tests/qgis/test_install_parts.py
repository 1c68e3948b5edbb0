"""What an installation is made of: steps, variables, progress, failures in words, interpreters."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from qgis.PyQt.QtNetwork import QNetworkProxy

PIP = """\
Looking in links: /wheels
Collecting numpy==2.4.6
  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl (20.0 MB)
Progress 0 of 20000000
Progress 10000000 of 20000000
Progress 20000000 of 20000000
Collecting rich==15.0.0
  Using cached rich-15.0.0-py3-none-any.whl (20.0 MB)
Installing collected packages: numpy, rich
Successfully installed numpy-2.4.6 rich-15.0.0
"""


@pytest.fixture()
def load(plugin: SimpleNamespace) -> Any:
    """Return a module of the installation."""
    return lambda name: plugin.load(f"cscl_qgis.engine.install.{name}")


class TestSteps:
    def steps(self, load: Any, tmp_path: Path, **wishes: Any) -> list[Any]:
        """Return the steps for wishes on a Linux machine."""
        plan = load("plan")
        made = plan.Wishes(**{"python": "/usr/bin/python3.12", **wishes})
        return plan.steps_of(made, tmp_path / "env-1", plan.Sources())

    def test_pip_takes_hashed_lists_and_falls_back_to_the_larger_torch(
        self, load: Any, tmp_path: Path, linux: None
    ) -> None:
        make, pip, *rest = self.steps(load, tmp_path)
        *downloads, torch, libraries, install = rest
        assert make.program == "/usr/bin/python3.12"
        assert make.arguments == ("-I", "-m", "venv", str(tmp_path / "env-1"))
        for step in (pip, *rest, *torch.instead):
            assert step.program == str(tmp_path / "env-1" / "bin" / "python")
            assert step.arguments[:3] == ("-I", "-m", "pip")
            assert "--require-hashes" in step.arguments
            assert step.arguments[step.arguments.index("--only-binary") + 1] == ":all:"
        listed = load("places").REQUIREMENTS / "libraries.txt"
        assert "".join(step.text for step in downloads) == listed.read_text()
        assert len(downloads) > 5
        for step in (*downloads, torch):
            assert "download" in step.arguments and step.fetched == 1.0
        for step in (libraries, install):
            assert "--no-index" in step.arguments
        assert torch.text.startswith("torch==2.13.0+cpu")
        assert [step.arguments[-1].rpartition("/")[2] for step in torch.instead] == [
            "torch-gpu-0.txt", "torch-gpu-1.txt", "libraries.txt", "torch-gpu.txt"
        ]  # fmt: skip
        assert "larger build" in torch.instead[0].note
        weight = sum(step.weight for step in torch.instead)
        assert weight > 2000 > 700 > sum(step.weight for step in (torch, libraries, install))

    def test_uv_chooses_the_build(self, load: Any, tmp_path: Path, linux: None) -> None:
        make, libraries, torch = self.steps(load, tmp_path, uv="/bin/uv", python="")
        assert make.arguments == ("venv", "--python", "3.12", str(tmp_path / "env-1"))
        assert "--require-hashes" in libraries.arguments
        assert {step.program for step in (make, libraries, torch)} == {"/bin/uv"}
        backend = torch.arguments.index("--torch-backend")
        assert torch.arguments[backend + 1] == "cpu"
        assert "--require-hashes" in torch.arguments
        *_, gpu = self.steps(load, tmp_path, uv="/bin/uv", build="gpu")
        assert gpu.arguments[-3:] == ("--torch-backend", "auto", "torch==2.13.0")
        assert "--require-hashes" not in gpu.arguments

    def test_no_fall_back_where_the_index_has_processor_builds(
        self, load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(load("machine"), "platform_name", lambda: "win32-amd64")
        assert all(step.instead == () for step in self.steps(load, tmp_path))

    def test_a_computer_without_builds_is_told(
        self, load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(load("machine"), "platform_name", lambda: "darwin-x86_64")
        with pytest.raises(Exception, match="PyTorch has no build for it"):
            self.steps(load, tmp_path)

    def test_folders_that_are_no_wheelhouse_for_here(
        self, load: Any, tmp_path: Path, linux: None
    ) -> None:
        plan = load("plan")
        with pytest.raises(Exception, match="it holds no wheels"):
            plan.settled(plan.Wishes("python", folder=str(tmp_path)))
        (tmp_path / "a-1-py3-none-any.whl").write_bytes(b"")
        assert plan.settled(plan.Wishes("python", folder=str(tmp_path))).build == "cpu"
        described = tmp_path / "wheelhouse.json"
        described.write_text('{"build": "gpu", "platform": "linux-x86_64", "python": "3.12"}')
        assert plan.settled(plan.Wishes("python", folder=str(tmp_path))).build == "gpu"
        described.write_text('{"build": "cpu", "platform": "win32-amd64", "python": "3.12"}')
        with pytest.raises(Exception, match="its wheels are for win32-amd64, Python 3.12"):
            plan.settled(plan.Wishes("python", folder=str(tmp_path)))

    @pytest.fixture()
    def linux(self, load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """A Linux machine with an Intel processor."""
        for module in ("machine", "plan"):
            monkeypatch.setattr(load(module), "platform_name", lambda: "linux-x86_64")


class TestVariables:
    def test_f15_nothing_of_qgis_and_the_persons_index(
        self, load: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("CSCL_HOME", str(tmp_path))
        parent = {
            "PATH": "/usr/bin", "PYTHONHOME": "/q", "PYTHONPATH": "/q", "LD_LIBRARY_PATH": "/q",
            "GDAL_DATA": "/q", "PIP_INDEX_URL": "a", "PIP_TARGET": "/q", "UV_SYSTEM_PYTHON": "1",
            "HTTPS_PROXY": "mine",
        }  # fmt: skip
        network = {"HTTPS_PROXY": "http://qgis:1", "HTTP_PROXY": "http://qgis:1"}
        child = load("child").installer_environment(parent, network, platform="linux")
        assert child["PIP_INDEX_URL"] == "a"
        assert child["HTTPS_PROXY"] == "mine"
        assert child["HTTP_PROXY"] == "http://qgis:1"
        assert child["TMPDIR"].startswith(str(tmp_path))
        offline = load("child").installer_environment(parent, network, True, "linux")
        assert "PIP_INDEX_URL" not in offline
        assert offline["PIP_CONFIG_FILE"] == os.devnull
        assert not {"PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "GDAL_DATA", "PIP_TARGET",
                    "UV_SYSTEM_PYTHON"} & set(child)  # fmt: skip

    @pytest.mark.parametrize(
        ("kind", "host", "user", "address"),
        [
            ("HttpProxy", "proxy.example", "", "http://proxy.example:3128"),
            ("HttpProxy", "proxy.example", "a@b", "http://a%40b:s%3A%2F@proxy.example:3128"),
            ("Socks5Proxy", "fd00::1", "", "socks5://[fd00::1]:3128"),
            ("NoProxy", "proxy.example", "", ""),
            ("DefaultProxy", "", "", ""),
        ],
    )
    def test_the_proxy_of_qgis(
        self, load: Any, kind: str, host: str, user: str, address: str
    ) -> None:
        proxy = QNetworkProxy(getattr(QNetworkProxy.ProxyType, kind), host, 3128, user, "s:/")
        assert load("child").proxy_address(proxy) == address


class TestProgress:
    def test_pips_lines_move_it_and_never_back(self, load: Any) -> None:
        progress = load("progress").StepProgress(40_000_000, 2, 0.6)
        shares = [progress.feed(line) for line in PIP.splitlines()]
        assert shares == sorted(shares)
        assert 0.1 < shares[4] < shares[5] < 0.6
        assert shares[-2] == 0.6
        assert progress.unpacked(1) == 1.0 or shares[-1] == 1.0

    def test_unpacking_moves_it_by_packages(self, load: Any) -> None:
        progress = load("progress").StepProgress(1, 10, 0.1)
        assert progress.unpacked(5) == 0.0
        progress.feed("Installing collected packages: a, b")
        assert progress.unpacked(5) == pytest.approx(0.55)
        assert progress.unpacked(40) == 1.0


class TestFailures:
    @pytest.mark.parametrize(
        ("output", "code", "words"),
        [
            ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"
             "    numpy==2.4.6 from https://x.example/numpy.whl:\n", "wrong_hash", "numpy==2.4.6"),
            ("  error: Hash mismatch for `rich==15.0.0`\n", "wrong_hash", "rich==15.0.0"),
            ("OSError: [Errno 28] No space left on device", "disk_full", "disk became full"),
            ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'",
             "certificate", "not trusted"),
            ("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407'",
             "proxy", "proxy refused"),
            ("NameResolutionError: Failed to resolve 'x'\nERROR: No matching distribution found "
             "for numpy==2.4.6", "no_network", "network could not be reached"),
            ("ERROR: No matching distribution found for torch==2.13.0+cpu", "no_build",
             "no build of torch==2.13.0+cpu"),
            ("Error: [Errno 13] Permission denied: '/x'", "not_writable", "may not be written"),
            ("The virtual environment was not created successfully because ensurepip is not "
             "available.", "no_venv", "python3-venv"),
            ("ok libraries\nfailed raster: RuntimeError: no PROJ\nok vector layer",
             "install_failed", "raster: RuntimeError: no PROJ"),
            ("something odd", "install_failed", "something odd"),
            ("", "install_failed", "without a word"),
        ],
    )  # fmt: skip
    def test_what_the_programs_say_in_words(
        self, load: Any, output: str, code: str, words: str
    ) -> None:
        error = load("failures").failure("Installing", output)
        assert error.code == code
        assert words in str(error)
        assert str(error).startswith("Installing: ")

    def test_only_a_missing_build_leads_to_another(self, load: Any) -> None:
        lacks = load("failures").lacks_build
        assert lacks("ERROR: No matching distribution found for torch==2.13.0+cpu")
        assert not lacks("Read timed out\nERROR: No matching distribution found for torch")
        assert not lacks("No space left on device")


class TestInterpreters:
    def found(self, load: Any, qtbot: Any, paths: list[str], with_uv: bool = False) -> Any:
        """Return what a search among paths finds."""
        search = load("pythons").PythonSearch(paths, with_uv)
        with qtbot.waitSignal(search.found, timeout=60000) as signal:
            search.start()
        return signal.args[0], search.seen

    def test_the_first_that_fits_is_taken(self, load: Any, qtbot: Any, tmp_path: Path) -> None:
        old = self.stand_in(tmp_path, "old", '["/old", 3, 9, 2, 64, true]')
        bare = self.stand_in(tmp_path, "bare", '["/bare", 3, 12, 1, 64, false]')
        narrow = self.stand_in(tmp_path, "narrow", '["/narrow", 3, 12, 1, 32, true]')
        good = self.stand_in(tmp_path, "good é", '["/good/python", 3, 13, 4, 64, true]')
        nothing = str(tmp_path / "nothing")
        found, seen = self.found(load, qtbot, [nothing, old, narrow, bare, good])
        assert (found.path, found.version) == ("/good/python", (3, 13, 4))
        assert [item.path for item in seen] == ["/old", "/bare", "/good/python"]
        assert [item.fits for item in seen] == [False, True, True]
        found, _ = self.found(load, qtbot, [bare, good], with_uv=True)
        assert found.path == "/bare"
        assert self.found(load, qtbot, [old])[0] is None

    def test_the_real_one_of_this_system(self, load: Any, qtbot: Any) -> None:
        _, seen = self.found(load, qtbot, [sys.executable])
        assert seen[0].version == tuple(sys.version_info[:3])
        assert os.path.samefile(seen[0].path, sys.executable)

    def test_candidates_exist_and_are_named_once(self, load: Any) -> None:
        found = load("pythons").candidates()
        assert found
        assert len(set(found)) == len(found)
        assert all(Path(path).is_file() for path in found)

    def stand_in(self, folder: Path, name: str, answer: str) -> str:
        """Write a program that answers as an interpreter."""
        path = folder / name
        path.write_text(f"#!/bin/sh\necho 'python {answer}'\n")
        path.chmod(0o755)
        return str(path)


class TestPlaces:
    def test_a_pointer_that_leads_elsewhere_is_none(
        self, load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CSCL_HOME", str(tmp_path))
        places = load("places")
        places.engine_folder().mkdir()
        outside = tmp_path / "env-outside"
        outside.mkdir()
        (outside / "ready.json").write_text("{}")
        for text in ('{"environment": "../env-outside"}', '{"environment": "env-../env-outside"}',
                     '{"environment": 3}', "[]", "{"):  # fmt: skip
            (places.engine_folder() / "current.json").write_text(text)
            assert places.current_environment() is None

    def test_an_engine_of_another_version_is_told_and_can_be_renewed(
        self, load: Any, plugin: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CSCL_HOME", str(tmp_path))
        monkeypatch.delenv("CSCL_BACKEND_PYTHON")
        places, locate = load("places"), plugin.load("cscl_qgis.engine.locate")
        environment = places.new_environment()
        python = places.python_of(environment)
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
        stamp = places.backend_stamp(places.BACKEND)
        requirements = places.requirements_stamp(places.REQUIREMENTS)
        for backend, problem in (("0.0.1-aa", "another version of the plugin"), (stamp, "")):
            copy = places.backend_copy(backend) / "cscl"
            copy.mkdir(parents=True)
            (copy / "service.py").write_text("")
            ready = places.Ready(backend, requirements, "", "pip", "cpu", 1, ["torch"])
            places.mark_ready(environment, ready)
            assert problem in locate.engine_problem()
        engine = locate.locate_engine()
        assert engine.python == str(python)
        assert engine.backend == str(places.backend_copy(stamp))
        assert places.can_refresh(places.REQUIREMENTS)
        places.mark_ready(environment, places.Ready(stamp, "other", "", "pip", "cpu", 1, []))
        assert not places.can_refresh(places.REQUIREMENTS)
