"""The exit codes of a command that failed."""

NOT_FOUND = 1  # or not whole, or not all delivered
DIFFERENT = 1  # what is asked about is not the same, not up to date, not told apart, or nobody can know
USAGE = 2  # or output that cannot be written
STORE = 3
STOPPED = 130  # as shells tell of a program that Ctrl-C ended; or a question was not answered with y
TERMINATED = 143  # the same of SIGTERM
