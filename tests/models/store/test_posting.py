"""The poll against the walk: whole histories of an office, told to both, must give the same notices run by run.

The histories are drawn, some by a seed and large, some by hypothesis and small enough to read. What the poll does
for speed (crossing windows, armed clocks, one statement for many days) must never show in what is said.
"""
