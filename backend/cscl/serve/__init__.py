"""Answers to questions about data: `cscl serve`."""
