"""The clinic's medication hold table and what follows from it. Pure: no Django, no database, no clock.

read_table(source)                     ->  Table           everything wrong with a file at once
match(table, name, rxcui, variant)     ->  Match           by code, name, brand; never by guess
propose(table, medicine, patient, now) ->  Proposal        a draft, and what a person has to answer first
tasks(holds, visit, now)               ->  HoldTask        what a person has to do about a hold, and by when
"""
