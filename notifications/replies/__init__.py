"""What comes back from people: replies, key presses, and the words STOP, START and HELP.

`understand` says what a message means and touches nothing; `receive` keeps it and does what follows from it. Receipts,
which come back from providers, are in `receipts`.
"""
