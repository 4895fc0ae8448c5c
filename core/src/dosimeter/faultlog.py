"""Where plugins fail, in the log: type, module and line, and no word that may quote text."""

from dosimeter.errors import place


def log_fault(exc: BaseException, component: str) -> None:
    """Log where a plugin failed: type, module and line, never its message, which may quote text."""
    log_place(component, *place(exc))


def log_place(component: str, error: str, module: str, line: int) -> None:
    """Log what `place` gave."""
    import structlog

    # Unconfigured it would print to standard output, which may be a worker's wire.
    if not structlog.is_configured():
        return
    structlog.get_logger().debug(
        "plugin.fault", component=component, error=error, module=module,
        package=module.partition(".")[0], line=line,
    )  # fmt: skip
