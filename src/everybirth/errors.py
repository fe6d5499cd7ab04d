"""Everything that everybirth raises on purpose.

    EverybirthError            exit code 1, unless a subclass says otherwise
    ├── PlanError              exit code 2: the plan is wrong, or a command was used wrongly
    ├── ReadError              a file cannot be read as what it claims to be
    ├── DataError              the file was read, but what it holds cannot be used
    └── EstimateError          counts from which nothing can be estimated

A message says what was found, where, what is needed and what to do. It names files, columns and row numbers,
never a person's values.
"""


class EverybirthError(Exception):
    """Base of all errors that a user can mend."""

    exit_code = 1


class PlanError(EverybirthError):
    """The plan (everybirth.toml) or the command line asks for something that cannot be done."""

    exit_code = 2


class ReadError(EverybirthError):
    """A file is missing, broken, or not of the stated form."""


class DataError(EverybirthError):
    """Rows or columns that were read cannot be used as stated."""


class EstimateError(EverybirthError):
    """Counts that no estimator can use."""
