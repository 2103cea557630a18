"""Buckets and objects as a Python user meets them."""

import hashlib
import io
import os
import urllib.error
import urllib.request

import boto3
import botocore
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from conftest import make_client

MIB = 1024 * 1024


def code(error):
    return error.value.response["Error"]["Code"]


def test_bucket_life_cycle(s3):
    name = "py-life-%d-%s" % (os.getpid(), boto3.__version__.replace(".", "-"))
    s3.create_bucket(Bucket=name)
    assert s3.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPHeaders"]["x-rgw-object-count"] == "0"
    assert name in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    with pytest.raises(ClientError) as refused:
        s3.delete_bucket(Bucket=name)
    assert code(refused) == "BucketNotEmpty"
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)
    with pytest.raises(ClientError) as gone:
        s3.head_bucket(Bucket=name)
    assert code(gone) == "404"


@pytest.mark.parametrize("client", ["s3", "s3_v2"])
def test_object_life_cycle(client, bucket, request):
    s3 = request.getfixturevalue(client)
    body = os.urandom(70_000)
    put = s3.put_object(
        Bucket=bucket, Key="dir/key", Body=body, ContentType="text/plain", Metadata={"color": "blue", "name": "value"}
    )
    assert put["ETag"] == '"%s"' % hashlib.md5(body).hexdigest()
    got = s3.get_object(Bucket=bucket, Key="dir/key")
    assert got["Body"].read() == body
    assert got["ContentType"] == "text/plain"
    assert got["Metadata"] == {"color": "blue", "name": "value"}
    assert s3.get_object(Bucket=bucket, Key="dir/key", Range="bytes=65530-65545")["Body"].read() == body[65530:65546]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "dir/key"})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == body
    s3.delete_object(Bucket=bucket, Key="dir/key")
    with pytest.raises(ClientError) as gone:
        s3.get_object(Bucket=bucket, Key="dir/key")
    assert code(gone) == "NoSuchKey"
    assert s3.head_object(Bucket=bucket, Key="copy")["ContentLength"] == len(body)


@pytest.mark.parametrize(
    "key",
    ["plain", "中文/键", "sp ace", "a+b", "per%cent", "h#sh", "q?m=1", "a//b", "/lead", "tr/", "emoji😀", "..", "a/../b",
     "tilde~*!()'", "am&p<lt>\"q", "é", "k" * 1024],
)
def test_every_key(s3, s3_v2, bucket, key):
    for client, body in ((s3, b"four"), (s3_v2, b"two")):
        client.put_object(Bucket=bucket, Key=key, Body=body)
        assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == body
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
    assert "Contents" not in s3.list_objects(Bucket=bucket)


def test_managed_multipart_of_100_mib(s3, bucket):
    body = os.urandom(MIB) * 100
    s3.upload_fileobj(io.BytesIO(body), bucket, "big", Config=TransferConfig(multipart_chunksize=8 * MIB))
    head = s3.head_object(Bucket=bucket, Key="big")
    assert head["ContentLength"] == len(body)
    assert head["ETag"].endswith('-13"')
    target = io.BytesIO()
    s3.download_fileobj(bucket, "big", target, Config=TransferConfig(multipart_chunksize=8 * MIB))
    assert hashlib.sha256(target.getvalue()).digest() == hashlib.sha256(body).digest()
    s3.copy({"Bucket": bucket, "Key": "big"}, bucket, "copied", Config=TransferConfig(multipart_chunksize=16 * MIB))
    assert s3.head_object(Bucket=bucket, Key="copied")["ContentLength"] == len(body)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls(bucket, version):
    client = make_client(signature_version=version)
    put = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "pre signed/é"})
    request = urllib.request.Request(put, data=b"by url", method="PUT", headers={"Content-Type": ""})
    assert urllib.request.urlopen(request).status == 200
    get = client.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "pre signed/é", "ResponseContentType": "text/csv"}
    )
    with urllib.request.urlopen(get) as answer:
        assert answer.read() == b"by url"
        assert answer.headers["Content-Type"] == "text/csv"
    forged = get.replace("csv", "html")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(forged)
    assert refused.value.code == 403
    assert b"SignatureDoesNotMatch" in refused.value.read()


def test_listing_of_5000_keys(s3, bucket):
    keys = sorted("%s/%04d" % (chr(97 + n % 5), n) for n in range(5000))
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    assert [o["Key"] for p in pages for o in p["Contents"]] == keys
    pages = s3.get_paginator("list_objects").paginate(Bucket=bucket, PaginationConfig={"PageSize": 333})
    assert [o["Key"] for p in pages for o in p["Contents"]] == keys
    rolled = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [p["Prefix"] for p in rolled["CommonPrefixes"]] == ["a/", "b/", "c/", "d/", "e/"]
    for start in range(0, 5000, 1000):
        batch = {"Objects": [{"Key": k} for k in keys[start : start + 1000]], "Quiet": True}
        assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete=batch)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_versioning(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"first")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"second")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"] is True
    listed = s3.list_object_versions(Bucket=bucket)
    assert [v["VersionId"] for v in listed["Versions"]] == [second, first]
    assert [m["VersionId"] for m in listed["DeleteMarkers"]] == [marker["VersionId"]]
    with pytest.raises(ClientError) as hidden:
        s3.get_object(Bucket=bucket, Key="k")
    assert code(hidden) == "NoSuchKey"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"first"
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"second"


def test_append_through_the_botocore_extras(s3, s3_v2, bucket):
    first = s3.put_object(Bucket=bucket, Key="log", Body=b"first ", Append=True, AppendPosition=0)
    assert first["AppendPosition"] == 6
    second = s3_v2.put_object(Bucket=bucket, Key="log", Body=b"second", Append=True, AppendPosition=6)
    assert second["AppendPosition"] == 12
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="log", Body=b"late", Append=True, AppendPosition=6)
    assert code(refused) == "PositionNotEqualToLength"
    assert s3.get_object(Bucket=bucket, Key="log")["Body"].read() == b"first second"
    assert len(s3.list_objects(Bucket=bucket, AllowUnordered=True)["Contents"]) == 1


def test_conditional_write(s3, bucket):
    if tuple(map(int, botocore.__version__.split(".")[:2])) < (1, 35):
        # The old model has no such member: the header is added by hand, and the server honours it all the same.
        def header(params, **_):
            params["headers"]["If-None-Match"] = "*"

        client = make_client()
        client.meta.events.register("before-call.s3.PutObject", header)
        arguments = {}
    else:
        client, arguments = s3, {"IfNoneMatch": "*"}
    client.put_object(Bucket=bucket, Key="once", Body=b"1", **arguments)
    with pytest.raises(ClientError) as refused:
        client.put_object(Bucket=bucket, Key="once", Body=b"2", **arguments)
    assert code(refused) == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="once")["Body"].read() == b"1"
