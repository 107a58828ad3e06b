"""The course of a round, as its pictures show it: values, what is counted purely, and what is read."""
