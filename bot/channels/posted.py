"""What a platform posts to a webhook, as far as we take it."""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

LARGEST = 1024 * 1024
"""bytes; far above any event, which carries texts and addresses but no files"""


async def body_of(request: Request) -> bytes | Response:
    """Return the body; where there is none that we take, what to answer instead."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > LARGEST:
        return Response(status_code=413)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return Response(status_code=413)
    except ClientDisconnect:
        return Response(status_code=400)
    return bytes(body)
