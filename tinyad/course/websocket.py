"""JupyterLab's line between browser and kernel, without the wait that makes sliders lag."""

from __future__ import annotations

from asyncio import Future

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """A kernel's connection that sends each message at once.

    A kernel answers a moved slider with four small messages. By default the operating system holds
    back the second until the first is acknowledged, and the browser's side puts that off, to save
    packets: about 40 ms on Linux, where the answer itself takes 20. Both habits are older than
    sliders: Nagle's algorithm, RFC 896, and the delayed acknowledgment of RFC 1122.
    """

    def connect(self) -> Future[None] | None:  # type: ignore[override]  # as in the class above
        """Connect as usual, after switching the waiting off."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
