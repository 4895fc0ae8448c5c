"""Length-prefixed bytes over a pipe."""

import asyncio
import struct

HEAD = struct.Struct(">I")


async def read(stream):
    """Read one frame.

    Raises:
        EOFError: If the other end is gone.
    """
    (size,) = HEAD.unpack(await stream.readexactly(HEAD.size))
    return await stream.readexactly(size)


async def write(stream, data):
    """Write one frame."""
    stream.write(HEAD.pack(len(data)) + data)
    await stream.drain()


async def standard_pipes():
    """Take over standard input and output as a reader and a writer."""
    import sys

    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, sys.stdout.buffer
    )
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)
