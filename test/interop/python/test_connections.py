"""How a client reaches the server: the bucket in the host name, refused uploads, HTTPS."""

import os
import socket

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import ENDPOINT

MIB = 1024 * 1024


@pytest.fixture
def loopback_names(monkeypatch):
    """Every *.localhost is this machine (RFC 6761), whether the system's resolver knows or not."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host, *args, **kwargs):
        return resolve("127.0.0.1" if str(host).endswith("localhost") else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_virtual_host_style(bucket, loopback_names, version):
    hosts = []
    client = boto3.client(
        "s3",
        endpoint_url=ENDPOINT.replace("127.0.0.1", "localhost"),
        config=Config(signature_version=version, s3={"addressing_style": "virtual"}),
    )
    client.meta.events.register("before-send.s3", lambda request, **_: hosts.append(request.url.split("/")[2]))
    client.put_object(Bucket=bucket, Key="dir/é", Body=b"virtual")
    assert client.get_object(Bucket=bucket, Key="dir/é")["Body"].read() == b"virtual"
    # Not list_objects_v2: before a query, botocore 1.29 leaves the slash behind the bucket out of a V2 signature.
    assert [o["Key"] for o in client.list_objects(Bucket=bucket)["Contents"]] == ["dir/é"]
    assert {host.split(":")[0] for host in hosts} == {bucket + ".localhost"}


def test_refused_upload_is_a_clear_answer(s3, bucket):
    # botocore sends Expect: 100-continue; the refusal comes instead of the 100 and reads as what it is.
    keys = {"aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": "wrong"}
    wrong = boto3.client("s3", endpoint_url=ENDPOINT, **keys)
    body = os.urandom(10 * MIB)
    for _ in range(3):
        with pytest.raises(ClientError) as refused:
            wrong.put_object(Bucket=bucket, Key="large", Body=body)
        assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="large", Body=body)
    assert s3.get_object(Bucket=bucket, Key="large")["Body"].read() == body


def test_https(bucket):
    # Without plain HTTP's signed payload, botocore sends a body in chunks with a checksum behind it.
    client = boto3.client("s3", endpoint_url=os.environ["COZOS_TLS_ENDPOINT"], verify=False)
    body = os.urandom(MIB)
    client.put_object(Bucket=bucket, Key="tls", Body=body)
    assert client.get_object(Bucket=bucket, Key="tls")["Body"].read() == body
