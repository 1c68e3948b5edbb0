"""What a damaged or foreign zip raises when it is opened or read."""

from __future__ import annotations

import zipfile
import zlib

# RuntimeError is an encrypted member, NotImplementedError a way of packing that is not known.
DAMAGED_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
)
