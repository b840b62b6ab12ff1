"""The commands of the command line, one file each: its first line is the help; ``arguments(parser)`` and ``main(args) -> int``.

What takes long to import is imported in ``main``, so that ``brian2chip COMMAND --help`` answers at once.
"""
