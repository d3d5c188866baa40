"""Scanning: where search, evaluation, modules and the caller's callbacks meet.

The names and their behaviour are those of yara-python 4.5.4; the public ones are
exported by :mod:`miniyara`.
"""
