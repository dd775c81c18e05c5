"""Every kind of picture in one folder, for people to look at: ``python -m tests.gallery [FOLDER]``."""
