"""generate_presigned_post: forms that a page gets from its server, posted by somebody who has no key."""

import xml.etree.ElementTree as ElementTree

import pytest
import urllib3

from conftest import make_client

http = urllib3.PoolManager(cert_reqs="CERT_NONE")


@pytest.fixture(params=["v4", "v2"])
def signer(request):
    return make_client(signature_version="s3v4" if request.param == "v4" else "s3")


def post(form, content=b"content", name="f.txt", extra=()):
    # requests.post(url, data=fields, files=files) makes its body with the same function of urllib3.
    fields = list(form["fields"].items()) + list(extra) + [("file", (name, content))]
    return http.request("POST", form["url"], fields=fields, redirect=False)


def code(response):
    return response.status, ElementTree.fromstring(response.data).findtext("Code")


def content(s3, bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def test_manual_2_16(s3, bucket):
    """The manual's own example: its client signs as boto3 does by default, its file has a path."""
    response = make_client().generate_presigned_post(Bucket=bucket, Key="boto.py", ExpiresIn=3600)
    http_response = post(response, b"import boto3\n", "/root/boto.py")
    assert http_response.status == 204
    assert content(s3, bucket, "boto.py") == b"import boto3\n"
    # "The permission of an object uploaded so is private."
    assert http.request("GET", "%s/boto.py" % response["url"].rstrip("/")).status == 403


def test_fields_of_the_manual(s3, s3_v2, bucket):
    fields = s3_v2.generate_presigned_post(Bucket=bucket, Key="boto.py", ExpiresIn=3600)["fields"]
    assert set(fields) == {"key", "policy", "AWSAccessKeyId", "signature"}


def test_fields_and_conditions(s3, signer, bucket):
    form = signer.generate_presigned_post(
        Bucket=bucket,
        Key="user/${filename}",
        Fields={
            "acl": "public-read",
            "Content-Type": "image/png",
            "x-amz-meta-color": "blue",
            "success_action_status": "201",
            "tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>",
        },
        Conditions=[
            {"acl": "public-read"},
            ["starts-with", "$Content-Type", "image/"],
            ["eq", "$x-amz-meta-color", "blue"],
            {"success_action_status": "201"},
            ["starts-with", "$tagging", ""],
            ["content-length-range", 1, 1024],
        ],
        ExpiresIn=60,
    )
    answer = post(form, b"png", "my photo.png")
    assert answer.status == 201
    document = ElementTree.fromstring(answer.data)
    assert document.findtext("Key") == "user/my photo.png"
    assert document.findtext("Bucket") == bucket
    assert http.request("GET", document.findtext("Location")).data == b"png"
    head = s3.head_object(Bucket=bucket, Key="user/my photo.png")
    assert (head["ContentType"], head["Metadata"]) == ("image/png", {"color": "blue"})
    tags = s3.get_object_tagging(Bucket=bucket, Key="user/my photo.png")["TagSet"]
    assert tags == [{"Key": "a", "Value": "1"}]
    assert code(post(form, b"")) == (400, "EntityTooSmall")
    assert code(post(form, b"x" * 1025)) == (400, "EntityTooLarge")
    assert code(post(form, extra=[("x-amz-meta-more", "1")])) == (403, "AccessDenied")
    form["fields"]["acl"] = "public-read-write"
    assert code(post(form)) == (403, "AccessDenied")


@pytest.mark.parametrize("name", ["plain.txt", "sp ace+plus%20.txt", "中文.txt", 'quo"te.txt'])
def test_names_of_files(s3, signer, bucket, name):
    form = signer.generate_presigned_post(Bucket=bucket, Key="dir/${filename}")
    assert post(form, name.encode(), name).status == 204
    # urllib3 writes a quote as browsers do, and S3 does not read that back.
    assert content(s3, bucket, "dir/" + name.replace('"', "%22")) == name.encode()


def test_redirect(s3, signer, bucket):
    url = "http://page.invalid/done?step=2"
    form = signer.generate_presigned_post(
        Bucket=bucket,
        Key="k",
        Fields={"success_action_redirect": url},
        Conditions=[["starts-with", "$success_action_redirect", "http://page.invalid/"]],
    )
    answer = post(form)
    assert answer.status == 303
    etag = s3.head_object(Bucket=bucket, Key="k")["ETag"].replace('"', "%22")
    assert answer.headers["Location"] == "%s&bucket=%s&key=k&etag=%s" % (url, bucket, etag)


def test_refusals(s3, signer, bucket):
    expired = signer.generate_presigned_post(Bucket=bucket, Key="k", ExpiresIn=-1)
    assert code(post(expired)) == (403, "AccessDenied")
    form = signer.generate_presigned_post(Bucket=bucket, Key="k")
    other = dict(form, fields=dict(form["fields"], key="other"))
    assert code(post(other)) == (403, "AccessDenied")
    elsewhere = dict(form, url=form["url"].replace(bucket, bucket + "-none"))
    assert code(post(elsewhere)) == (404, "NoSuchBucket")
    unsigned = dict(form, fields={"key": "k"})
    assert code(post(unsigned)) == (403, "AccessDenied")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert post(form).status == 204


def test_large_file(s3, signer, bucket):
    size = 32 * 1024 * 1024
    form = signer.generate_presigned_post(Bucket=bucket, Key="large", Conditions=[["content-length-range", size, size]])
    assert post(form, b"\r\n--x" * (size // 5) + b"y" * (size % 5)).status == 204
    assert s3.head_object(Bucket=bucket, Key="large")["ContentLength"] == size
