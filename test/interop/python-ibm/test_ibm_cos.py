"""IBM's own SDK with HMAC keys against the dialect ibm-cos."""

import hashlib
import io
import itertools
import os
import urllib.error
import urllib.request

import ibm_boto3
import pytest
from ibm_boto3.s3.transfer import TransferConfig
from ibm_botocore.client import Config
from ibm_botocore.exceptions import ClientError

MIB = 1024 * 1024
_numbers = itertools.count()


def make_client(endpoint=os.environ["COZOS_ENDPOINT"], **arguments):
    # HMAC keys; without them the SDK reads AWS's variables, but never one of the two alone.
    arguments.setdefault("aws_access_key_id", os.environ["AWS_ACCESS_KEY_ID"])
    arguments.setdefault("aws_secret_access_key", os.environ["AWS_SECRET_ACCESS_KEY"])
    return ibm_boto3.client(
        "s3",
        endpoint_url=endpoint,
        config=Config(signature_version="s3v4", retries={"max_attempts": 1, "mode": "standard"}),
        **arguments,
    )


@pytest.fixture(scope="session", params=["http", "https"])
def cos(request):
    # Over HTTPS the SDK sends bodies in chunks with a checksum behind them.
    return make_client(os.environ["COZOS_TLS_ENDPOINT"], verify=False) if request.param == "https" else make_client()


@pytest.fixture
def bucket(cos):
    name = "ibm-%d-%d" % (os.getpid(), next(_numbers))
    cos.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-standard"})
    return name


def code(refused):
    return refused.value.response["Error"]["Code"]


def test_buckets(cos, bucket):
    assert bucket in [b["Name"] for b in cos.list_buckets()["Buckets"]]
    assert cos.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "us-standard"
    cos.put_object(Bucket=bucket, Key="k", Body=b"")
    with pytest.raises(ClientError) as refused:
        cos.delete_bucket(Bucket=bucket)
    assert code(refused) == "BucketNotEmpty"
    cos.delete_object(Bucket=bucket, Key="k")
    cos.delete_bucket(Bucket=bucket)
    assert bucket not in [b["Name"] for b in cos.list_buckets()["Buckets"]]


def test_objects(cos, bucket):
    body = os.urandom(70000)
    put = cos.put_object(Bucket=bucket, Key="dir/é", Body=body, ContentType="text/plain", Metadata={"color": "blue"})
    assert put["ETag"] == '"%s"' % hashlib.md5(body).hexdigest()
    got = cos.get_object(Bucket=bucket, Key="dir/é")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (body, "text/plain", {"color": "blue"})
    cos.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "dir/é"})
    # As IBM's own example calls it.
    listed = cos.list_objects_v2(Bucket=bucket, MaxKeys=1, ContinuationToken="")
    assert [o["Key"] for o in listed["Contents"]] == ["copy"]
    more = cos.list_objects_v2(Bucket=bucket, ContinuationToken=listed["NextContinuationToken"])
    assert [o["Key"] for o in more["Contents"]] == ["dir/é"]
    deleted = cos.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy"}, {"Key": "dir/é"}]})
    assert sorted(d["Key"] for d in deleted["Deleted"]) == ["copy", "dir/é"]
    assert cos.list_objects(Bucket=bucket).get("Contents", []) == []


def test_multipart_of_20_mib(cos, bucket):
    body = os.urandom(MIB) * 20
    cos.upload_fileobj(io.BytesIO(body), bucket, "big", Config=TransferConfig(multipart_chunksize=5 * MIB))
    head = cos.head_object(Bucket=bucket, Key="big")
    assert (head["ContentLength"], head["ETag"][-3:]) == (len(body), '-4"')
    target = io.BytesIO()
    cos.download_fileobj(bucket, "big", target)
    assert target.getvalue() == body


def test_presigned_url(bucket):
    client = make_client()
    client.put_object(Bucket=bucket, Key="k", Body=b"by url")
    url = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert urllib.request.urlopen(url).read() == b"by url"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url.replace("/k?", "/other?"))
    assert refused.value.code == 403


def test_errors(cos, bucket):
    with pytest.raises(ClientError) as missing:
        cos.get_object(Bucket=bucket, Key="none")
    assert code(missing) == "NoSuchKey"
    with pytest.raises(ClientError) as nowhere:
        cos.list_objects_v2(Bucket=bucket + "-not")
    assert code(nowhere) == "NoSuchBucket"
    with pytest.raises(ClientError) as refused:
        make_client(aws_secret_access_key="wrong").put_object(Bucket=bucket, Key="k", Body=os.urandom(2 * MIB))
    assert code(refused) == "SignatureDoesNotMatch"
    # IBM's documents carry the status, and no namespace.
    with pytest.raises(urllib.error.HTTPError) as raw:
        urllib.request.urlopen("%s/%s-not" % (os.environ["COZOS_ENDPOINT"], bucket))
    document = raw.value.read()
    assert b"<httpStatusCode>%d</httpStatusCode>" % raw.value.code in document
    assert b"xmlns" not in document
