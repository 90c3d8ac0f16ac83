"""The key that signs for integrators: good ones are read however they are written, bad ones stop the process."""

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from scheduler import signing_key
from scheduler.environment import Environment
from scheduler.first_env import write_first_env


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "nothing")


@pytest.fixture(scope="module")
def key() -> str:
    return signing_key.make()


def test_key_is_read_as_it_is_and_in_one_line(key: str) -> None:
    line = signing_key.one_line(key)

    assert "\n" not in line
    assert signing_key.read(line) == signing_key.read(key) == key


SHORT = pem_of(rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505  too short, which is the point
CURVE = pem_of(ec.generate_private_key(ec.SECP256R1()))


@pytest.mark.parametrize(
    "told",
    ["x", "AAAA", "-----BEGIN PRIVATE KEY-----", "é", "AA==x", SHORT, CURVE, "/w=="],
    ids=["letter", "zeros", "head alone", "not ASCII", "bad padding", "short", "curve", "one byte"],
)
def test_key_that_is_none_stops_the_process(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], told: str
) -> None:
    monkeypatch.setenv("OIDC_SIGNING_KEY", told)

    with pytest.raises(SystemExit) as stopped:
        environment.signing_key(debug=False)

    said = capsys.readouterr().err
    assert stopped.value.code == 3
    assert said.startswith("Configuration error: OIDC_SIGNING_KEY must be an RSA private key")
    assert "BEGIN" not in said


def test_without_a_key_the_process_starts(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_SIGNING_KEY", "")

    assert environment.signing_key(debug=False) == ""


def test_without_a_key_debugging_has_one_of_its_own(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_SIGNING_KEY", "")

    first, second = environment.signing_key(debug=True), environment.signing_key(debug=True)

    assert load_pem_private_key(first.encode(), password=None)
    assert first != second


def test_first_environment_has_a_key(tmp_path: Path) -> None:
    write_first_env(tmp_path / ".env")

    found = re.search(r"^OIDC_SIGNING_KEY=(.+)$", (tmp_path / ".env").read_text(), re.MULTILINE)
    assert found
    assert signing_key.read(found[1])
