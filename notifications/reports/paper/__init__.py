"""Papers as .docx: a template that an office can change in its word processor, filled with plain values.

templates.py finds the office's own template before the shipped one · filling.py is the way in to fill it · package.py
opens it within bounds · tags.py finds what is wrong with its tags, and where · sandbox.py is all that a template may
do · missing.py notes names that are not there · rendering.py fills one source and says what is wrong · document.py
does the work in docxtpl · plain_text.py cleans values · values.py.
building.py makes the shipped templates, out of blocks.py. What a report says is decided elsewhere.
"""

from notifications.reports.paper.filling import Picture, fill
from notifications.reports.paper.templates import Template

__all__ = ["Picture", "Template", "fill"]
