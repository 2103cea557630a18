"""Tags of buckets and objects, as the ZOS manual prints them (1.17-1.19, 2.8-2.10), quotas, and who pays."""

import pytest
from botocore.exceptions import ClientError

TAGS = [{"Key": "key-1", "Value": "val-1"}]


def code(error):
    return error.value.response["Error"]["Code"]


def status(answer):
    return answer["ResponseMetadata"]["HTTPStatusCode"]


def test_bucket_tagging_of_the_manual(s3, bucket):
    s3_client = s3
    response = s3_client.put_bucket_tagging(
        Bucket=bucket,
        Tagging={
            "TagSet": [
                {
                    "Key": "key-1",
                    "Value": "val-1",
                }
            ]
        },
    )
    assert status(response) == 200
    response = s3_client.get_bucket_tagging(Bucket=bucket)
    assert response["TagSet"] == TAGS
    assert response["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "169"
    assert status(s3_client.delete_bucket_tagging(Bucket=bucket)) == 200
    with pytest.raises(ClientError) as gone:
        s3_client.get_bucket_tagging(Bucket=bucket)
    assert code(gone) == "NoSuchTagSet"


def test_object_tagging_of_the_manual(s3, bucket):
    s3_client = s3
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3_client.put_object(Bucket=bucket, Key="object-002", Body=b"x", Tagging="tag=tag-value")["VersionId"]
    latest = s3_client.put_object(Bucket=bucket, Key="object-002", Body=b"y")["VersionId"]
    response = s3_client.put_object_tagging(
        Bucket=bucket,
        Key="object-002",
        VersionId=first,
        Tagging={
            "TagSet": [
                {
                    "Key": "key-1",
                    "Value": "val-1",
                }
            ]
        },
    )
    assert response["VersionId"] == first
    response = s3_client.get_object_tagging(Bucket=bucket, Key="object-002", VersionId=first)
    assert response["TagSet"] == TAGS
    assert response["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "169"
    # An empty VersionId is the latest.
    assert s3_client.get_object_tagging(Bucket=bucket, Key="object-002", VersionId="")["VersionId"] == latest
    assert s3_client.head_object(Bucket=bucket, Key="object-002", VersionId=first)["ResponseMetadata"]["HTTPHeaders"][
        "x-amz-tagging-count"
    ] == "1"
    response = s3_client.delete_object_tagging(Bucket=bucket, Key="object-002", VersionId=first)
    assert status(response) == 204
    assert s3_client.get_object_tagging(Bucket=bucket, Key="object-002", VersionId=first)["TagSet"] == []


def test_tags_come_with_every_way_of_writing(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=b"x", Tagging="tag=tag-value&b=%E5%80%BC")
    wanted = [{"Key": "b", "Value": "值"}, {"Key": "tag", "Value": "tag-value"}]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "source"})
    for key in ("source", "copy"):
        assert s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"] == wanted
    s3.copy_object(
        Bucket=bucket,
        Key="copy",
        CopySource={"Bucket": bucket, "Key": "source"},
        TaggingDirective="REPLACE",
        Tagging="new=tag",
    )
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "new", "Value": "tag"}]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts", Tagging="tag-key=tag-value")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="parts",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    assert s3.get_object_tagging(Bucket=bucket, Key="parts")["TagSet"] == [{"Key": "tag-key", "Value": "tag-value"}]


def test_limits_of_tags(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")

    def tags(count):
        return {"TagSet": [{"Key": "k%02d" % i, "Value": "v"} for i in range(count)]}

    s3.put_bucket_tagging(Bucket=bucket, Tagging=tags(50))
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags(50)["TagSet"]
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_tagging(Bucket=bucket, Tagging=tags(51))
    assert code(refused) == "InvalidTag"
    for tag in ({"Key": "k" * 129, "Value": ""}, {"Key": "k", "Value": "v" * 257}, {"Key": "键" * 43, "Value": ""}):
        with pytest.raises(ClientError) as refused:
            s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [tag]})
        assert code(refused) == "InvalidTag"
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "k" * 128, "Value": "v" * 256}]})


def test_bucket_quota(s3, bucket):
    """put_bucket_quota and get_bucket_quota of clients/botocore."""
    none = s3.get_bucket_quota(Bucket=bucket)
    assert (none["Enabled"], none["MaxSizeKb"], none["MaxObjects"]) == (False, -1, -1)
    assert none["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "203"
    s3.put_bucket_quota(Bucket=bucket, QuotaConfiguration={"Enabled": True, "MaxSizeKb": 1, "MaxObjects": 2})
    quota = s3.get_bucket_quota(Bucket=bucket)
    assert (quota["Enabled"], quota["MaxSizeKb"], quota["MaxObjects"]) == (True, 1, 2)
    s3.put_object(Bucket=bucket, Key="a", Body=b"x" * 1000)
    for key, body in (("b", b"x" * 25), ("a", b"x" * 1025)):
        with pytest.raises(ClientError) as refused:
            s3.put_object(Bucket=bucket, Key=key, Body=body)
        assert code(refused) == "QuotaExceeded"
    s3.put_object(Bucket=bucket, Key="b", Body=b"x" * 24)
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="c", Body=b"")
    assert code(refused) == "QuotaExceeded"
    for limits in ({"MaxSizeKb": -1, "MaxObjects": -1}, {"MaxSizeKb": 0, "MaxObjects": 1}):
        with pytest.raises(ClientError) as refused:
            s3.put_bucket_quota(Bucket=bucket, QuotaConfiguration=dict(limits, Enabled=True))
        assert code(refused) == "InvalidArgument"
    s3.put_bucket_quota(Bucket=bucket, QuotaConfiguration={"Enabled": False, "MaxSizeKb": -1, "MaxObjects": -1})
    s3.put_object(Bucket=bucket, Key="c", Body=b"x" * 5000)


def test_request_payment(s3, bucket):
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"


def test_what_a_bucket_does_not_have(s3, bucket):
    """Terraform's AWS provider asks for each of these on every plan."""
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    assert s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Role"] == ""
    for kind in ("analytics", "intelligent_tiering", "inventory", "metrics"):
        listed = getattr(s3, "list_bucket_%s_configurations" % kind)(Bucket=bucket)
        assert listed["IsTruncated"] is False
        assert not [name for name in listed if name.endswith("ConfigurationList")]
        with pytest.raises(ClientError) as missing:
            getattr(s3, "get_bucket_%s_configuration" % kind)(Bucket=bucket, Id="any")
        assert code(missing) == "NoSuchConfiguration"
