"""The week of one round 督办通报: where each unit stands, what is due and overdue, what moved and what was not said.

Read for the weekly brief, as frozen values and in sets. Words nothing and lays out nothing.
"""
