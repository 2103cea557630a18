"""Object lock as the ZOS manual prints it (1.23, 1.24, 2.11-2.14), and what its examples leave out."""

from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError


def code(error):
    return error.value.response["Error"]["Code"]


def status(answer):
    return answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def locked(s3, bucket):
    name = bucket + "-lock"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name


def test_configuration_of_the_manual(s3, locked):
    s3_client = s3
    # The manual's example calls put_bucket_encryption with these arguments, which boto3 refuses.
    response = s3_client.put_object_lock_configuration(
        Bucket=locked,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {
                "DefaultRetention": {
                    "Mode": "GOVERNANCE",
                    "Days": 1,
                }
            },
        },
    )
    assert status(response) == 200
    response = s3_client.get_object_lock_configuration(Bucket=locked)
    assert response["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
    }


def test_legal_hold_of_the_manual(s3, locked):
    s3_client = s3
    version_id = s3_client.put_object(Bucket=locked, Key="obj", Body=b"x")["VersionId"]
    response = s3_client.put_object_legal_hold(
        Bucket=locked, Key="obj", LegalHold={"Status": "ON"}, VersionId=version_id
    )
    assert status(response) == 200
    response = s3_client.get_object_legal_hold(Bucket=locked, Key="obj", VersionId=version_id)
    assert response["LegalHold"] == {"Status": "ON"}
    with pytest.raises(ClientError) as held:
        s3_client.delete_object(Bucket=locked, Key="obj", VersionId=version_id, BypassGovernanceRetention=True)
    assert code(held) == "AccessDenied"
    s3_client.put_object_legal_hold(Bucket=locked, Key="obj", LegalHold={"Status": "OFF"})
    assert status(s3_client.delete_object(Bucket=locked, Key="obj", VersionId=version_id)) == 204


def test_retention_of_the_manual(s3, locked, clock):
    s3_client = s3
    # The example's date has passed; the clock goes back to before it.
    clock(freeze="2020-11-01T00:00:00Z")
    version_id = s3_client.put_object(Bucket=locked, Key="obj", Body=b"x")["VersionId"]
    response = s3_client.put_object_retention(
        Bucket=locked,
        Key="obj",
        Retention={"Mode": "GOVERNANCE", "RetainUntilDate": datetime(2020, 11, 25)},
        VersionId=version_id,
        BypassGovernanceRetention=True,
    )
    assert status(response) == 200
    response = s3_client.get_object_retention(Bucket=locked, Key="obj", VersionId=version_id)
    assert response["Retention"]["Mode"] == "GOVERNANCE"
    assert response["Retention"]["RetainUntilDate"] == datetime(2020, 11, 25).astimezone()
    with pytest.raises(ClientError) as retained:
        s3_client.delete_object(Bucket=locked, Key="obj", VersionId=version_id)
    assert code(retained) == "AccessDenied"
    clock(advance="P31D")
    assert status(s3_client.delete_object(Bucket=locked, Key="obj", VersionId=version_id)) == 204


def test_retention_with_the_object(s3, locked, clock):
    clock(freeze="2030-01-01T00:00:00Z")
    until = datetime(2030, 2, 1, tzinfo=timezone.utc)
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until, "ObjectLockLegalHoldStatus": "OFF"}
    put = s3.put_object(Bucket=locked, Key="k", Body=b"x", **lock)
    head = s3.head_object(Bucket=locked, Key="k")
    assert {name: head[name] for name in lock} == lock
    copied = s3.copy_object(Bucket=locked, Key="copy", CopySource={"Bucket": locked, "Key": "k"}, **lock)
    upload = s3.create_multipart_upload(Bucket=locked, Key="parts", **lock)["UploadId"]
    part = s3.upload_part(Bucket=locked, Key="parts", UploadId=upload, PartNumber=1, Body=b"y")
    completed = s3.complete_multipart_upload(
        Bucket=locked,
        Key="parts",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    versions = {"k": put["VersionId"], "copy": copied["VersionId"], "parts": completed["VersionId"]}
    named = {"Objects": [{"Key": key, "VersionId": version} for key, version in versions.items()]}
    refused = s3.delete_objects(Bucket=locked, Delete=named, BypassGovernanceRetention=True)
    assert [error["Code"] for error in refused["Errors"]] == ["AccessDenied"] * 3
    clock(freeze="2030-02-01T00:00:00Z")
    deleted = s3.delete_objects(Bucket=locked, Delete=named)
    assert len(deleted["Deleted"]) == 3 and "Errors" not in deleted


def test_default_retention(s3, locked, clock):
    clock(freeze="2030-01-01T00:00:00Z")
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 1}}
    s3.put_object_lock_configuration(
        Bucket=locked, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    s3.put_object(Bucket=locked, Key="k", Body=b"x")
    retention = s3.get_object_retention(Bucket=locked, Key="k")["Retention"]
    assert retention == {"Mode": "GOVERNANCE", "RetainUntilDate": datetime(2031, 1, 1, tzinfo=timezone.utc)}
    with pytest.raises(ClientError) as shortened:
        s3.put_object_retention(
            Bucket=locked, Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": datetime(2030, 6, 1)}
        )
    assert code(shortened) == "AccessDenied"


def test_enabling_it_later(s3, bucket):
    lock = {"ObjectLockEnabled": "Enabled"}
    with pytest.raises(ClientError) as unversioned:
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
    assert code(unversioned) == "InvalidBucketState"
    with pytest.raises(ClientError) as unlocked:
        s3.get_object_lock_configuration(Bucket=bucket)
    assert code(unlocked) == "ObjectLockConfigurationNotFoundError"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
    with pytest.raises(ClientError) as suspended:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert code(suspended) == "InvalidBucketState"


def test_mistakes(s3, locked):
    s3.put_object(Bucket=locked, Key="k", Body=b"x")
    for ask in (s3.get_object_retention, s3.get_object_legal_hold):
        with pytest.raises(ClientError) as unset:
            ask(Bucket=locked, Key="k")
        assert code(unset) == "ObjectLockConfigurationNotFoundError"
    both = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1, "Years": 1}}
    none = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 0}}
    for rule, expected in ((both, "MalformedXML"), (none, "InvalidRetentionPeriod")):
        with pytest.raises(ClientError) as refused:
            s3.put_object_lock_configuration(
                Bucket=locked, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
            )
        assert code(refused) == expected
    with pytest.raises(ClientError) as past:
        s3.put_object_retention(
            Bucket=locked, Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": datetime(2020, 11, 25)}
        )
    assert code(past) == "InvalidArgument"
