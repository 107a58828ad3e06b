"""What a home knows of itself: where it lives and how often it delivered, and when it gave signs of life.

site.py says whether this is the home that hands over or a copy of it; beside.py keeps the file beside it that tells an
older state; signs.py notes each run by both clocks of the machine. Use cases are in models/handling/home.py.
"""
