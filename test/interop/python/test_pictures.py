"""Pictures, as the ZOS manual prints them (4.1, 4.2), with the extras that it asks for."""

import base64
import hashlib
import json
import struct
import urllib.error
import urllib.parse
import urllib.request
import zlib

import pytest

from conftest import code_of, make_client

WIDTH, HEIGHT = 400, 300


def png(width=WIDTH, height=HEIGHT):
    """A gradient, without a library."""
    rows = b"".join(
        b"\x00" + b"".join(bytes((x * 255 // width, y * 255 // height, 128)) for x in range(width))
        for y in range(height)
    )

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def size_of(picture):
    """Of a PNG or a JPEG."""
    if picture.startswith(b"\x89PNG"):
        return struct.unpack(">II", picture[16:24])
    at = 2
    while picture[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + struct.unpack(">H", picture[at + 2 : at + 4])[0]
    height, width = struct.unpack(">HH", picture[at + 5 : at + 9])
    return width, height


@pytest.fixture
def source(s3, bucket):
    """A bucket with the JPEG of the manual's name, which the server itself has made of a PNG."""
    s3.put_object(Bucket=bucket, Key="seed.png", Body=png(), ContentType="image/png", Metadata={"color": "blue"})
    s3.process_object(
        Bucket=bucket, Key="hudie.jpg", ProcessSource=bucket + "/seed.png", ZosProcess="image/format,jpg"
    )
    return bucket


@pytest.mark.parametrize("client", ["s3", "s3_v2"])
def test_process_object_of_the_manual(client, source, bucket, request):
    s3_client = request.getfixturevalue(client)
    dst_bucket_name = bucket
    dst_key_name = "hudie_mini.jpg"
    source_name = source + "/hudie.jpg"
    process_method = "image/resize,w_200"
    res = s3_client.process_object(
        Bucket=dst_bucket_name, ProcessSource=source_name, Key=dst_key_name, ZosProcess=process_method
    )
    metadata = res["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["HTTPHeaders"]["content-length"] == "0"
    assert metadata["HTTPHeaders"]["accept-ranges"] == "bytes"
    stored = s3_client.get_object(Bucket=dst_bucket_name, Key=dst_key_name)
    body = stored["Body"].read()
    assert res["ETag"] == stored["ETag"] == '"%s"' % hashlib.md5(body).hexdigest()
    assert size_of(body) == (200, 150)
    assert stored["ContentType"] == "image/jpeg"
    assert stored["Metadata"] == {"color": "blue"}


@pytest.mark.parametrize("client", ["s3", "s3_v2"])
def test_get_object_of_the_manual(client, source, request):
    s3_client = request.getfixturevalue(client)
    process_method = "image/resize,w_300,h_200,m_fixed"
    res = s3_client.get_object(Bucket=source, Key="hudie.jpg", ZosProcess=process_method)
    body = res["Body"].read()
    assert size_of(body) == (300, 200)
    assert res["AcceptRanges"] == "bytes"
    assert res["ContentType"] == "image/jpeg"
    assert res["ContentLength"] == len(body)
    assert res["ETag"] == '"%s"' % hashlib.md5(body).hexdigest()
    assert res["Metadata"] == {"color": "blue"}
    assert res["StorageClass"] == "STANDARD"
    assert res["ResponseMetadata"]["HTTPHeaders"]["x-rgw-object-type"] == "Normal"
    assert res["LastModified"] == s3_client.head_object(Bucket=source, Key="hudie.jpg")["LastModified"]


def test_the_examples_of_the_manual(s3, source):
    """Each of 4.1's, as it is printed, with a space behind the commas."""
    mark = base64.b64encode(b"hudie.jpg?x-zos-process=image/resize,p_30/rotate,180").decode().replace("/", "_")
    for directive, expected in [
        ("image/resize, w_300, h_200, m_fixed", (300, 200)),
        ("image/crop, w_100, h_100, x_10, y_10, g_se", (90, 90)),
        ("image/rotate,45", None),
        ("image/watermark,image_%s,g_north,t_40" % mark, (WIDTH, HEIGHT)),
        ("image/watermark, text_Q2hpbmF0ZWx1Y29t, type_heiti, color_FF0000, size_40, g_se, t_80", (WIDTH, HEIGHT)),
        ("image/format, png", (WIDTH, HEIGHT)),
        ("image/rotate,45|image/resize,p_80", None),
    ]:
        body = s3.get_object(Bucket=source, Key="hudie.jpg", ZosProcess=directive)["Body"].read()
        assert expected in (None, size_of(body)), directive
    info = s3.get_object(Bucket=source, Key="hudie.jpg", ZosProcess="image/info")
    assert info["ContentType"] == "application/json"
    facts = json.load(info["Body"])
    assert (facts["ImageWidth"]["value"], facts["ImageHeight"]["value"]) == (str(WIDTH), str(HEIGHT))
    assert facts["Format"]["value"] == "jpg"


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls(version, source):
    s3_client = make_client(signature_version=version)
    at = {"Bucket": source, "Key": "hudie.jpg"}
    directive = "image/resize,w_100/format,png"
    signed = s3_client.generate_presigned_url("get_object", Params={**at, "ZosProcess": directive})
    with urllib.request.urlopen(signed) as answer:
        assert answer.headers["content-type"] == "image/png"
        assert size_of(answer.read()) == (100, 75)
    # As the vendor tells it: a URL of the object, and what is to be made of it behind that.
    appended = s3_client.generate_presigned_url("get_object", Params=at) + "&x-zos-process=" + directive
    with urllib.request.urlopen(appended) as answer:
        assert size_of(answer.read()) == (100, 75)
    if version == "s3v4":
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(signed.replace("w_100", "w_101"))
        assert refused.value.code == 403


def test_versions_and_keys_that_are_not_plain(s3, source):
    s3.put_bucket_versioning(Bucket=source, VersioningConfiguration={"Status": "Enabled"})
    key = "图片/蝴蝶 1.png"
    first = s3.put_object(Bucket=source, Key=key, Body=png(40, 30))["VersionId"]
    s3.put_object(Bucket=source, Key=key, Body=png(80, 60))
    quoted = urllib.parse.quote("%s/%s" % (source, key))
    for suffix, expected in [("", (40, 30)), ("?Versionid=" + first, (20, 15))]:
        made = s3.process_object(
            Bucket=source, Key="目标.png", ProcessSource=quoted + suffix, ZosProcess="image/resize,p_50"
        )
        stored = s3.get_object(Bucket=source, Key="目标.png", VersionId=made["VersionId"])
        assert size_of(stored["Body"].read()) == expected


def test_errors_have_their_codes(s3, source):
    at = {"Bucket": source, "Key": "hudie.jpg"}
    assert code_of(s3.get_object, **at, ZosProcess="image/resize,w_0") == "InvalidArgument"
    assert code_of(s3.get_object, **at, ZosProcess="image/frobnicate") == "InvalidArgument"
    assert code_of(s3.get_object, Bucket=source, Key="none", ZosProcess="image/info") == "NoSuchKey"
    s3.put_object(Bucket=source, Key="text", Body=b"no picture")
    assert code_of(s3.get_object, Bucket=source, Key="text", ZosProcess="image/info") == "InvalidArgument"
    process = {"Bucket": source, "Key": "out", "ZosProcess": "image/info"}
    assert code_of(s3.process_object, **process, ProcessSource=source + "/none") == "NoSuchKey"
    assert code_of(s3.process_object, **process, ProcessSource="no-such-bucket-here/k") == "NoSuchBucket"
