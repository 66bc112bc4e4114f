"""The wire: objects in any pieces, strict ids, limits of size and time, and the line in the log."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smarty_microimpuls import rpc
from smarty_microimpuls.framing import ObjectReader
from smarty_microimpuls.rpc import RpcClient, RpcError

from smarty_core.errors import ProviderProtocolError, ProviderUnavailable


@pytest.fixture
def client(host: Any, pvr: Any) -> RpcClient:
    pvr.key = "k3y4tests"
    return RpcClient("127.0.0.1", pvr.port, log=host.log, key="k3y4tests")


def in_bytes(answer: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in answer]


WAYS = {
    "without a newline": lambda answer: [answer],
    "with blanks around": lambda answer: [b" \r\n" + answer + b"\r\n\r\n"],
    "byte by byte": in_bytes,
    "cut in a text": lambda answer: [answer[:25], answer[25:]],
    "after a notification, in one packet": lambda answer: [b'{"jsonrpc":"2.0","method":"changed"}' + answer],
    "before another object, in one packet": lambda answer: [answer + b'{"jsonrpc":"2.0","id":"x","result":1}'],
    "before rubbish": lambda answer: [answer + b"\n", b"}}"],
}


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_is_found_however_it_arrives(client: RpcClient, pvr: Any, way: str) -> None:
    pvr.health = {"is_alive": True, "text": 'a } \\ " { [ ж', "list": [[], {}]}
    pvr.send = WAYS[way]
    assert client.call("is_alive", {}, 10.0) == pvr.health


BROKEN = {
    "text": lambda _: b"ERROR\n",
    "an array": lambda _: b"[]",
    "half a brace": lambda _: b"}",
    "no JSON": lambda _: b"{nonsense}",
    "no UTF-8": lambda _: b'{"a": "\xff\xfe"}',
    "another id": lambda answer: {**answer, "id": "1"},
    "a numeric id": lambda answer: {**answer, "id": 1},
    "no id": lambda answer: {"jsonrpc": "2.0", "result": True},
    "neither result nor error": lambda answer: {"jsonrpc": "2.0", "id": answer["id"]},
    "an error that is text": lambda answer: {"jsonrpc": "2.0", "id": answer["id"], "error": "no"},
    "an error without code": lambda answer: {"jsonrpc": "2.0", "id": answer["id"], "error": {"message": "no"}},
    "deep nesting": lambda _: b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_answer_is_a_protocol_error(client: RpcClient, pvr: Any, what: str) -> None:
    pvr.change = BROKEN[what]
    with pytest.raises(ProviderProtocolError, match=f"127.0.0.1:{pvr.port} is_alive: "):
        client.call("is_alive", {}, 10.0)


def test_an_answer_has_a_largest_size(client: RpcClient, pvr: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "MAX_ANSWER", 1000)
    pvr.health = {"text": "a" * 1000}
    with pytest.raises(ProviderProtocolError, match="larger than 1000 bytes"):
        client.call("is_alive", {}, 10.0)


@pytest.mark.parametrize("sent", [[b"wait"], [b'{"jsonrpc":', b"wait"], [b"\n", b"wait"]])
def test_silence_ends_at_the_deadline(client: RpcClient, pvr: Any, sent: list[bytes]) -> None:
    pvr.send = lambda _: sent
    begin = time.monotonic()
    with pytest.raises(ProviderUnavailable, match=r"no answer within 0\.2 s"):
        client.call("is_alive", {}, 0.2)
    assert time.monotonic() - begin < 5


def test_a_connection_that_is_closed_early_is_an_outage(client: RpcClient, pvr: Any) -> None:
    pvr.send = lambda answer: [answer[:10]]
    with pytest.raises(ProviderUnavailable, match="closed before the answer"):
        client.call("is_alive", {}, 10.0)


def test_nobody_at_the_port_is_an_outage(host: Any) -> None:
    with pytest.raises(ProviderUnavailable, match=r"127\.0\.0\.1:9 is_alive: Connection refused"):
        RpcClient("127.0.0.1", 9, log=host.log).call("is_alive", {}, 5.0)


def test_an_error_has_the_servers_number(client: RpcClient, pvr: Any) -> None:
    with pytest.raises(RpcError, match="error -32601 Method not found") as caught:
        client.call("reboot", {}, 10.0)
    assert caught.value.code == -32601
    pvr.change = lambda _: {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "Parse error"}}
    with pytest.raises(RpcError) as caught:
        client.call("is_alive", {}, 10.0)
    assert caught.value.code == -32700


def test_every_call_has_an_id_of_its_own(client: RpcClient, pvr: Any) -> None:
    for _ in range(3):
        client.call("is_alive", {}, 10.0)
    assert len({call["id"] for call in pvr.asked}) == 3


def test_the_key_is_sent_and_never_logged(client: RpcClient, pvr: Any, host: Any) -> None:
    window = {"channel_id": 7, "start_timestamp": 1_699_990_000, "end_timestamp": 1_699_990_100}
    client.call("get_playlist_name", window, 10.0)
    pvr.key = "changed"
    with pytest.raises(RpcError):
        client.call("is_alive", {}, 10.0)
    (level, event, context), (level2, event2, failed) = host.log.of("smarty_videoservices").lines
    assert (level, event) == ("info", "VIDEOSERVICES_API_REQUEST")
    assert context == {
        "host": f"microimpuls 127.0.0.1:{pvr.port}",
        "args": window,
        "command": "get_playlist_name",
    }
    assert (level2, event2) == ("warning", "VIDEOSERVICES_API_REQUEST")
    assert failed.keys() == {"host", "args", "command", "message"}
    assert "access denied to ***" in failed["message"]
    assert "k3y4tests" not in json.dumps([context, failed])


def test_the_reader_looks_for_objects_only() -> None:
    reader = ObjectReader(100)
    assert list(reader.feed(b'{"a": 1} {"b"')) == [b'{"a": 1}']
    assert list(reader.feed(b': "}"}\n')) == [b'{"b": "}"}']
    with pytest.raises(ProviderProtocolError, match="something else"):
        list(reader.feed(b"\x00"))


texts = st.text(max_size=8) | st.sampled_from(['}{"', "\\", '\\"', "[}", "ж"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(
    objects=st.lists(st.dictionaries(texts, values, max_size=3), max_size=4),
    blank=st.sampled_from(["", "\n", " \r\n\t"]),
    plain=st.booleans(),
    size=st.integers(1, 40),
)
def test_objects_come_out_as_they_went_in(objects: list[Any], blank: str, plain: bool, size: int) -> None:
    sent = blank.join(json.dumps(one, ensure_ascii=plain) for one in objects).encode() + blank.encode()
    reader = ObjectReader(10_000)
    pieces = (sent[at : at + size] for at in range(0, len(sent), size))
    assert [json.loads(found) for piece in pieces for found in reader.feed(piece)] == objects
