"""The same project with large batches, no log row for each success, and no pool of threads where nothing is waited for.

Tried on two cores with 40,000 emails: batches of 1,000, 5,000 and 20,000, and five threads, were slower.
"""

from benchmarks.peers import post_office_default as default

SECRET_KEY = default.SECRET_KEY
DATABASES = default.DATABASES
INSTALLED_APPS = default.INSTALLED_APPS
DEFAULT_AUTO_FIELD = default.DEFAULT_AUTO_FIELD
USE_TZ = default.USE_TZ
EMAIL_BACKEND = default.EMAIL_BACKEND
LOGGING = default.LOGGING
POST_OFFICE = {**default.POST_OFFICE, "BATCH_SIZE": 10_000, "THREADS_PER_PROCESS": 1, "LOG_LEVEL": 1}
