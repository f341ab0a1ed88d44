"""Causes: tables of the words and codes by which mail systems say why a mail failed, and CMC's error status for each.

The words are those of the systems' own messages; the comment beside a phrase says whose. `phrases` explains how rows
are written.
"""
