"""What the boto3 tests share: clients of both signature versions, and buckets of their own."""

import itertools
import json
import os
import urllib.request

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["COZOS_ENDPOINT"]
CLOCK = os.environ["COZOS_ADMIN_ENDPOINT"] + "/control/clock"
_numbers = itertools.count()


def make_client(**config):
    return boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        config=Config(retries={"max_attempts": 1, "mode": "standard"}, **config),
    )


def client_of(access_key, secret_key, **config):
    """A client of another user than the root account."""
    return boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        region_name="default",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(retries={"max_attempts": 1, "mode": "standard"}, **config),
    )


def anonymous():
    return make_client(signature_version=UNSIGNED)


def code_of(call, *positional, **arguments):
    with pytest.raises(ClientError) as raised:
        call(*positional, **arguments)
    return raised.value.response["Error"]["Code"]


@pytest.fixture(scope="session")
def s3():
    return make_client()


@pytest.fixture(scope="session")
def s3_v2():
    return make_client(signature_version="s3")


@pytest.fixture
def bucket(s3):
    name = "py-%d-%d-%s" % (os.getpid(), next(_numbers), boto3.__version__.replace(".", "-"))
    s3.create_bucket(Bucket=name)
    return name


def set_clock(**change):
    """Sets the server's clock, and waits until its jobs have done what the new time asks for."""
    body = json.dumps({**change, "wait": True}).encode()
    with urllib.request.urlopen(urllib.request.Request(CLOCK, data=body, method="PUT")) as answer:
        return json.load(answer)


@pytest.fixture
def clock():
    yield set_clock
    set_clock(reset=True)
