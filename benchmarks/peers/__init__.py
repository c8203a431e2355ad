"""What else Django projects send timed messages with, doing the same work on the same server.

Each peer is given what it can do best: its messages are worded beforehand, the provider accepts at once, and nothing is
re-checked. It only has to say which ones went out.
"""
