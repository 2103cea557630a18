"""Encryption as the ZOS manual prints it (1.20-1.22, 2.3), and with keys of customers, through boto3."""

import hashlib
import io
import os

import pytest
from botocore.exceptions import ClientError

from conftest import code_of

# The manual prints a blank where its source has an underscore, here as in the names of its variables.
KMS_KEY_ID = "6b1f657c-816b-4534-a41a-903e7a60e703:AES_256:e3d16fba6ae84e33a1d386dd880696c0"
MIB = 1024 * 1024


def status(answer):
    return answer["ResponseMetadata"]["HTTPStatusCode"]


def put_default(s3, bucket, **by_default):
    return s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": by_default}]},
    )


@pytest.fixture
def customer():
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}


def test_bucket_encryption_of_the_manual(s3, bucket):
    s3_client = s3
    response = s3_client.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": KMS_KEY_ID,
                    },
                },
            ]
        },
    )
    assert status(response) == 200
    response = s3_client.get_bucket_encryption(Bucket=bucket)
    rules = response["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules == [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KMS_KEY_ID}}
    ]
    put = s3_client.put_object(Bucket=bucket, Key="k", Body=b"by default")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", KMS_KEY_ID)
    assert s3_client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"by default"
    response = s3_client.delete_bucket_encryption(Bucket=bucket)
    assert status(response) == 204
    assert code_of(s3_client.get_bucket_encryption, Bucket=bucket) == "NoSuchEncryptionSetError"
    assert "ServerSideEncryption" not in s3_client.put_object(Bucket=bucket, Key="l", Body=b"plain")
    assert s3_client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"by default"


@pytest.mark.parametrize(
    "by_default",
    [
        {"SSEAlgorithm": "aws:kms"},
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "a-key"},
        {"SSEAlgorithm": "AES256", "KMSMasterKeyID": "k" * 31},
    ],
)
def test_limits_of_the_manual(s3, bucket, by_default):
    assert code_of(put_default, s3, bucket, **by_default) == "InvalidArgument"
    assert status(put_default(s3, bucket, SSEAlgorithm="AES256", KMSMasterKeyID="k" * 32)) == 200


def test_put_object_of_the_manual(s3, bucket):
    put = s3.put_object(
        Bucket=bucket,
        Key="test.txt",
        Body=b"1" * 100,
        ServerSideEncryption="AES256",
        Tagging="tag=tag-value",
    )
    assert put["ServerSideEncryption"] == "AES256"
    head = s3.head_object(Bucket=bucket, Key="test.txt")
    assert (head["ServerSideEncryption"], head["ContentLength"]) == ("AES256", 100)


def test_customer_key(s3, bucket, customer):
    for body in (b"small", os.urandom(300_000)):
        put = s3.put_object(Bucket=bucket, Key="k", Body=body, **customer)
        assert put["SSECustomerAlgorithm"] == "AES256"
        assert put["ETag"] == '"%s"' % hashlib.md5(body).hexdigest()
        assert s3.get_object(Bucket=bucket, Key="k", **customer)["Body"].read() == body
        ranged = s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-4", **customer)
        assert ranged["Body"].read() == body[2:5]
        assert s3.head_object(Bucket=bucket, Key="k", **customer)["ContentLength"] == len(body)
        assert code_of(s3.get_object, Bucket=bucket, Key="k") == "InvalidArgument"
        other = {**customer, "SSECustomerKey": os.urandom(32)}
        assert code_of(s3.get_object, Bucket=bucket, Key="k", **other) == "InvalidArgument"
        with pytest.raises(ClientError) as raised:
            s3.head_object(Bucket=bucket, Key="k")
        assert status(raised.value.response) == 400


def test_copies_between_keys(s3, bucket, customer):
    body = os.urandom(200_000)
    other = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}
    source = {"Bucket": bucket, "Key": "a"}
    from_customer = {"CopySource" + name: value for name, value in customer.items()}
    s3.put_object(Body=body, **source, **customer)
    s3.copy_object(Bucket=bucket, Key="b", CopySource=source, **from_customer, **other)
    assert s3.get_object(Bucket=bucket, Key="b", **other)["Body"].read() == body
    copied = s3.copy_object(
        Bucket=bucket, Key="c", CopySource=source, ServerSideEncryption="aws:kms", SSEKMSKeyId=KMS_KEY_ID, **from_customer
    )
    assert copied["SSEKMSKeyId"] == KMS_KEY_ID
    assert s3.get_object(Bucket=bucket, Key="c")["Body"].read() == body
    assert code_of(s3.copy_object, Bucket=bucket, Key="d", CopySource=source) == "InvalidArgument"


@pytest.mark.parametrize("extra", [{"ServerSideEncryption": "AES256"}, None])
def test_transfers_in_parts(s3, bucket, customer, extra):
    body = os.urandom(17 * MIB)
    write = customer if extra is None else extra
    read = customer if extra is None else {}
    s3.upload_fileobj(io.BytesIO(body), bucket, "large", ExtraArgs=write)
    target = io.BytesIO()
    s3.download_fileobj(bucket, "large", target, ExtraArgs=read)
    assert target.getvalue() == body
    head = s3.head_object(Bucket=bucket, Key="large", **read)
    assert head["ETag"].endswith('-3"')


def test_version_2_signatures(s3_v2, bucket, customer):
    s3_v2.put_object(Bucket=bucket, Key="k", Body=b"x", **customer)
    assert s3_v2.get_object(Bucket=bucket, Key="k", **customer)["Body"].read() == b"x"
    s3_v2.put_object(Bucket=bucket, Key="l", Body=b"x", ServerSideEncryption="AES256")
    assert s3_v2.head_object(Bucket=bucket, Key="l")["ServerSideEncryption"] == "AES256"
