"""Logging: quiet by default, to standard error, never a prompt, a reply or a secret."""

import logging
import os
import sys

import structlog


def configure(form: str, level: str) -> None:
    """Set the log up for a command. It is coloured on a terminal, unless NO_COLOR is set.

    Args:
        form: ``text`` or ``json``.
        level: Lowest level that is written.
    """
    number = logging.getLevelNamesMapping().get(level.upper(), logging.WARNING)
    colors = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    last = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=colors)
    )
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(number),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
