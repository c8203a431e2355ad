"""Settings, addresses and the process entry points: the top of the house."""
