"""Addresses that are refused before anybody is asked where they lead."""

import pytest

from panel.domain.addresses import read_target
from panel.errors import AddressRefused


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://[v1.fe80::a]/", "what stands in its brackets is no address"),
        ("http://[fe80::1%25eth0]/", "one of this machine's own network"),
        ("http://%s.example/" % ("é" * 80), "its host is no name"),
        ("http://-rowboat.example/", "its host is no name"),
        (f"http://{'a' * 254}/", "its host is too long"),
        ("http://straße.example/", "can be meant in two ways"),
        ("http://1.2.3.4.5/", "its host is a number that is no address"),
        ("http://rowboat.example:99999/", "cannot be taken apart into host and port"),
        ("http://127.0.0.1:8080/", "127.0.0.1 is no public address, and port 8080 is not among"),
        ("http://localhost:8080/", "localhost is no public address, and port 8080 is not among"),
        ("http://rowboat.example:8080/", r"example:8080/: port 8080 is not among those"),
        ("http://8.8.8.8:8080/", r"8.8.8.8:8080/: port 8080 is not among those"),
        ("gopher://rowboat.example/", "only http and https addresses are read"),
        ("http://rowboat.example/\udcff", r"example/\?: it holds a space, a backslash or another"),
        ("http://me@rowboat.example/", "it carries a user name, which is not sent"),
    ],
)
def test_an_address_that_nobody_can_read_one_way_is_refused(url: str, why: str) -> None:
    with pytest.raises(AddressRefused, match=why):
        read_target(url)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://bücher.example/", "xn--bcher-kva.example"),
        ("http://Rowboat。example./", "rowboat.example"),
        ("http://0x7f.1/", "127.0.0.1"),
        ("http://[2606:4700::1111]/", "2606:4700::1111"),
    ],
)
def test_a_host_is_read_as_the_network_reads_it(url: str, host: str) -> None:
    assert read_target(url).host == host
