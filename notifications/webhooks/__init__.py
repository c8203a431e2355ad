"""Where providers call us: receipts, messages that came in, keys pressed in a call. Nobody signs in here.

Every request carries a signature that only the provider and we can make; without it nothing is read and nothing kept.
"""
