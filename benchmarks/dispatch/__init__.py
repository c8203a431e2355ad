"""What the dispatcher does in a second, and how late it is, measured from outside through `manage.py dispatch`."""
