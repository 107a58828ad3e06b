"""Opens a ledger file of any kind and tells its sheets and rows one after another: what runs inside the sandbox.

The kind is told by the content. Whatever is wrong with the file, and whatever of it a reader stumbles over, becomes
one LedgerRefused with its cure. It does not know what the cells mean.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO

from defusedxml.common import DTDForbidden

from models.errors import LedgerRefused
from models.ledger.files.bounds import bounded, broken, with_doctype
from models.ledger.files.grid import Found
from models.ledger.files.kinds import is_package, not_office, refusal_of
from models.ledger.files.parts import Package, Root

_OUR_FAULTS = (AttributeError, TypeError, NameError, AssertionError)
"""What no file makes a reader fail in, unless the reader is wrong."""
_USUAL_MAINS = ("xl/workbook.xml", "word/document.xml")


def rows_of_file(file: BinaryIO, name: str) -> Iterator[Found]:
    """Each visible sheet by its name, followed by its rows. `name` is what the file is called, without its folder.

    Raises LedgerRefused, at any step; MemoryError where the file takes more than there is. A fault of ours goes
    through: no file is broken because of it.
    """
    try:
        yield from bounded(_found(file, name))
    except (LedgerRefused, MemoryError, *_OUR_FAULTS):
        raise
    except DTDForbidden as error:
        raise with_doctype(name) from error
    except Exception as error:  # a broken file makes zip, XML and number readers fail in any way at all
        raise broken(name) from error


def _found(file: BinaryIO, name: str) -> Iterator[Found]:
    start = file.read(4)
    file.seek(0)
    if is_package(start):
        yield from _in_package(Package(file, name))
        return
    if refusal := refusal_of(file, name):
        raise refusal
    from models.ledger.files.delimited import rows_of_text

    yield from rows_of_text(file, name, PurePath(name).stem)


def _in_package(package: Package) -> Iterator[Found]:
    """Readers are imported where they are used: a small ledger should not wait for what it does not need."""
    mains = [relation.path for relation in package.related() if relation.kind == "officeDocument"]
    main = next((path for path in (*mains, *_USUAL_MAINS) if path in package), "")
    root = Root()
    if main and not main.endswith(".bin"):
        package.read_starts(main, root.start)
    if root.name == "workbook":
        from models.ledger.files.workbook import rows_of_workbook

        yield from rows_of_workbook(package, main)
    elif root.name == "document":
        from models.ledger.files.word import rows_of_document

        yield from rows_of_document(package, main)
    else:
        raise not_office(package.name, package.start_of("mimetype", 100), main.endswith(".bin"))
