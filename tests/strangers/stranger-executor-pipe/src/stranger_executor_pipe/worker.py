"""The far end: one lease, then it is over."""

import asyncio
import sys
from functools import partial

from dosimeter.execute import serve
from stranger_executor_pipe import frames


async def main():
    """Serve the driver at the other end of the pipes."""
    reader, writer = await frames.standard_pipes()
    sys.stdout = sys.stderr
    await serve(partial(frames.read, reader), partial(frames.write, writer))


if __name__ == "__main__":
    asyncio.run(main())
