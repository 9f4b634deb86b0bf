"""A TCP proxy that holds each chunk back: the kernel here has no netem.

`python -m tests.bench.delay_proxy ADDRESS PORT TARGET_PORT SECONDS`: what comes in on PORT goes
to TARGET_PORT of the same address, each way SECONDS later, in order.
"""

import asyncio
import sys

CHUNK_BYTES = 256 * 1024
Chunk = tuple[float, bytes]


async def serve(address: str, port: int, target_port: int, delay_s: float) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A TCP connection is there after one round trip; the proxy's own accept is at once.
        await asyncio.sleep(2 * delay_s)
        far_reader, far_writer = await asyncio.open_connection(address, target_port)
        await asyncio.gather(pump(reader, far_writer, delay_s), pump(far_reader, writer, delay_s))

    server = await asyncio.start_server(connected, address, port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    """Pass on one direction; the end of it is passed on too."""
    queue: asyncio.Queue[Chunk] = asyncio.Queue()
    sender = asyncio.ensure_future(send(queue, writer))
    loop = asyncio.get_running_loop()
    try:
        while data := await reader.read(CHUNK_BYTES):
            queue.put_nowait((loop.time() + delay_s, data))
    except ConnectionError:
        pass  # the peer is gone: end the other side as well
    queue.put_nowait((loop.time() + delay_s, b""))
    await sender


async def send(queue: asyncio.Queue[Chunk], writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    try:
        while True:
            due, data = await queue.get()
            if (left := due - loop.time()) > 0:
                await asyncio.sleep(left)
            if not data:
                break
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return  # nobody is left to send to
    writer.close()


if __name__ == "__main__":
    _, listen, near, far, seconds = sys.argv
    asyncio.run(serve(listen, int(near), int(far), float(seconds)))
