"""The commands of the command line, one file each: ``HELP``, ``arguments(parser)`` and ``main(args)``."""
