"""Figures for whoever watches the sending: what is counted as it happens, and what the database tells when asked.

Neither tells anything about a person: no patient, no address, no clinic, no label that could take any value.
"""
