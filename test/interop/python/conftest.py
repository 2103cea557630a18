"""What the boto3 tests share: clients of both signature versions, and buckets of their own."""

import itertools
import os

import boto3
import pytest
from botocore.config import Config

ENDPOINT = os.environ["COZOS_ENDPOINT"]
_numbers = itertools.count()


def make_client(**config):
    return boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        config=Config(retries={"max_attempts": 1, "mode": "standard"}, **config),
    )


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
