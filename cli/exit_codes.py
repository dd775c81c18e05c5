"""The exit codes of a command that failed."""

NOT_FOUND = 1  # or not whole, or not all delivered
DIFFERENT = 1  # than something else, or than it was; or not whole, so that nobody knows
USAGE = 2
STORE = 3
STOPPED = 130  # as shells tell of a program that Ctrl-C ended; or a question was not answered with y
