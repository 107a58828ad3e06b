"""The progress report 整改情况报告: what a round's record says, as plain values for a template; and that template.

context.py puts them together · opening.py says the numbers · account.py tells of each measure · remaining.py what
stays open and comes next · appendix.py traces every number to its rows · phrases.py · layout.py lays the template out ·
writing.py goes the whole way, from the record to the bytes.
Nothing is said here that the record does not say. Numbers are counted in models/answers/progress.
"""

from notifications.reports.progress.context import BLANK_CONTACT, BLANK_ORGANISATION, context_of

__all__ = ["BLANK_CONTACT", "BLANK_ORGANISATION", "context_of"]
