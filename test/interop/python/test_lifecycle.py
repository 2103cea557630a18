"""Rules of a bucket's life, as the ZOS manual prints them (1.11-1.13), and what they do when time passes."""

from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError


def code(error):
    return error.value.response["Error"]["Code"]


def status(answer):
    return answer["ResponseMetadata"]["HTTPStatusCode"]


def put_rules(s3, bucket, *rules):
    return s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)})


def keys(s3, bucket):
    return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_put_get_and_delete_of_the_manual(s3, bucket):
    s3_client = s3
    bucket_name = bucket
    res = s3_client.put_bucket_lifecycle_configuration(
        Bucket=bucket_name,
        LifecycleConfiguration={
            'Rules': [
                {
                    'Expiration': {
                        'Days': 365
                    },
                    'ID': 'Lifecycle Test',
                    'Status': 'Enabled',
                    'Filter': {
                        'And': {
                            'Prefix': 'test',
                            'Tags': [
                                {
                                    'Key': 'tag-1',
                                    'Value': 'val-1'
                                },
                            ]
                        }
                    }
                },
            ]
        }
    )
    assert status(res) == 200
    res = s3_client.get_bucket_lifecycle_configuration(
        Bucket=bucket_name
    )
    assert res["Rules"] == [
        {
            "Expiration": {"Days": 365},
            "ID": "Lifecycle Test",
            "Filter": {"And": {"Prefix": "test", "Tags": [{"Key": "tag-1", "Value": "val-1"}]}},
            "Status": "Enabled",
        }
    ]
    res = s3_client.delete_bucket_lifecycle(
        Bucket=bucket_name
    )
    assert status(res) == 204
    with pytest.raises(ClientError) as gone:
        s3_client.get_bucket_lifecycle_configuration(Bucket=bucket_name)
    assert code(gone) == "NoSuchLifecycleConfiguration"


def test_every_parameter_of_the_manual_comes_back(s3, bucket):
    rules = [
        {
            "ID": "a-days",
            "Filter": {"Prefix": "logs/"},
            "Status": "Enabled",
            "Expiration": {"Days": 365},
            "Transitions": [
                {"Days": 30, "StorageClass": "STANDARD_IA"},
                {"Days": 60, "StorageClass": "GLACIER"},
            ],
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 10, "StorageClass": "GLACIER"}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 123},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 123},
        },
        {
            "ID": "b-date",
            "Filter": {"Tag": {"Key": "string", "Value": "string"}},
            "Status": "Disabled",
            "Expiration": {"Date": datetime(2035, 1, 1, tzinfo=timezone.utc)},
            "Transitions": [{"Date": datetime(2034, 1, 1, tzinfo=timezone.utc), "StorageClass": "GLACIER"}],
        },
        {
            "ID": "c-marker",
            "Prefix": "old/",
            "Status": "Enabled",
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        },
    ]
    put_rules(s3, bucket, *rules)
    read = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    utc = [dict(rule) for rule in read]
    utc[1]["Expiration"] = {"Date": read[1]["Expiration"]["Date"].astimezone(timezone.utc)}
    utc[1]["Transitions"] = [
        {"Date": one["Date"].astimezone(timezone.utc), "StorageClass": one["StorageClass"]}
        for one in read[1]["Transitions"]
    ]
    assert utc == rules


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"Expiration": {"Days": 0}}, "InvalidArgument"),
        ({"Expiration": {"Date": datetime(2035, 1, 1, 10)}}, "MalformedXML"),
        ({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}}, "MalformedXML"),
        ({"ID": "i" * 256}, "InvalidArgument"),
        ({"Status": "enabled"}, "MalformedXML"),
        ({"Transitions": [{"Days": 1, "StorageClass": "DEEP_FREEZE"}]}, "InvalidArgument"),
    ],
)
def test_rules_that_cannot_be(s3, bucket, change, expected):
    rule = {"ID": "r", "Filter": {"Prefix": ""}, "Status": "Enabled", "Expiration": {"Days": 1}}
    with pytest.raises(ClientError) as refused:
        put_rules(s3, bucket, {**rule, **change})
    assert code(refused) == expected
    put_rules(s3, bucket, rule)


def test_an_id_is_made_where_there_is_none(s3, bucket):
    put_rules(s3, bucket, {"Filter": {"Prefix": "p"}, "Status": "Enabled", "Expiration": {"Days": 1}})
    assert len(s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["ID"]) == 48


def test_what_the_rules_do_when_time_passes(s3, bucket, clock):
    clock(freeze="2031-03-01T12:00:00Z")
    put_rules(
        s3,
        bucket,
        {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 30}},
        {
            "ID": "cold",
            "Filter": {"Prefix": "cold/"},
            "Status": "Enabled",
            "Transitions": [{"Days": 10, "StorageClass": "GLACIER"}],
        },
        {
            "ID": "uploads",
            "Filter": {"Prefix": ""},
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
    )
    for key in ("cold/a", "kept", "logs/a"):
        answer = s3.put_object(Bucket=bucket, Key=key, Body=b"x")
        assert ("Expiration" in answer) == (key == "logs/a")
    head = s3.head_object(Bucket=bucket, Key="logs/a")
    assert head["Expiration"] == 'expiry-date="Tue, 01 Apr 2031 00:00:00 GMT", rule-id="logs"'
    s3.create_multipart_upload(Bucket=bucket, Key="up")
    clock(advance="P11D")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    assert s3.head_object(Bucket=bucket, Key="cold/a")["StorageClass"] == "GLACIER"
    assert keys(s3, bucket) == ["cold/a", "kept", "logs/a"]
    clock(advance="P20D")
    assert keys(s3, bucket) == ["cold/a", "kept"]


def test_versions(s3, bucket, clock):
    clock(freeze="2031-03-01T12:00:00Z")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put_rules(
        s3,
        bucket,
        {
            "ID": "versions",
            "Filter": {"Prefix": ""},
            "Status": "Enabled",
            "Expiration": {"ExpiredObjectDeleteMarker": True},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
        },
    )
    for body in (b"1", b"2"):
        s3.put_object(Bucket=bucket, Key="k", Body=body)
    clock(advance="P5D")
    assert [one["IsLatest"] for one in s3.list_object_versions(Bucket=bucket)["Versions"]] == [True]
    s3.delete_object(Bucket=bucket, Key="k")
    clock(advance="P5D")
    left = s3.list_object_versions(Bucket=bucket)
    assert "Versions" not in left and "DeleteMarkers" not in left
