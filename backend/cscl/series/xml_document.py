"""XML that is read strictly: bounded size, no document type, hence no entities of its own."""

from __future__ import annotations

from xml.etree import ElementTree as Xml  # nosec B405 - no document type is let through

from cscl.contract.errors import UserError

MAXIMUM_BYTES = 64 * 2**20


class _Refused(Exception):
    """The document declares a type."""


class _Builder(Xml.TreeBuilder):
    """Builds the tree of a document without a type, whatever its encoding."""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Stop before anything that the type declares is read."""
        raise _Refused


def parse_xml(content: bytes, subject: object) -> Xml.Element:
    """Return the root of a document, its elements named without their namespaces.

    Raises `UserError` with the code `unreadable_xml`, naming `subject`, where it is too large, no
    XML, or declares a document type (which may hold entities that grow without bounds or name
    other files).
    """
    if len(content) > MAXIMUM_BYTES:
        raise unreadable_xml(subject, f"it holds more than {MAXIMUM_BYTES // 2**20} MiB")
    parser = Xml.XMLParser(target=_Builder())  # nosec B314 - as above
    try:
        parser.feed(content)
        root: Xml.Element = parser.close()
    except _Refused:
        raise unreadable_xml(subject, "it declares a document type (DOCTYPE)") from None
    except (Xml.ParseError, ValueError, LookupError) as error:
        raise unreadable_xml(subject, f"it is no valid XML ({error})") from None
    for element in root.iter():
        element.tag = element.tag.rsplit("}", 1)[-1]
    return root


def unreadable_xml(subject: object, found: str) -> UserError:
    """Return the error for a document that is not read."""
    return UserError(
        "unreadable_xml",
        subject,
        found,
        "Copy or download it again, or remove it.",
    )
