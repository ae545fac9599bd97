"""The option by which `tinyad start` makes sliders prompt; the browser tests measure its effect."""

from importlib import import_module

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from tinyad.course import start


def test_the_option_names_a_connection_that_jupyter_knows():
    (option,) = start.prompt_option()
    module, _, name = option.partition("=")[2].rpartition(".")
    connection = getattr(import_module(module), name)
    assert issubclass(connection, ZMQChannelsWebsocketConnection)


def test_the_connection_switches_the_waiting_off_before_it_connects(monkeypatch):
    from tinyad.course.websocket import PromptConnection

    happened = []

    class Handler:
        def set_nodelay(self, value):
            happened.append(("nodelay", value))

    def connect(self):
        happened.append(("connected", True))

    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", connect)
    monkeypatch.setattr(PromptConnection, "websocket_handler", Handler())
    PromptConnection.connect(PromptConnection.__new__(PromptConnection))
    assert happened == [("nodelay", True), ("connected", True)]


@pytest.mark.parametrize("answer", [None, ModuleNotFoundError("no jupyter_server")])
def test_another_server_gets_no_option(monkeypatch, answer):
    def find_spec(name):
        if answer:
            raise answer
        return answer

    monkeypatch.setattr(start, "find_spec", find_spec)
    assert start.prompt_option() == []
