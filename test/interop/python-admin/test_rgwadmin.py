"""Ceph's admin API as rgwadmin uses it, by the root account and by a user with few capabilities."""

import itertools
import os
import urllib.parse

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from rgwadmin import RGWAdmin, RGWUser
from rgwadmin.exceptions import (
    AccessDenied,
    BucketAlreadyExists,
    BucketNotEmpty,
    EmailExists,
    InvalidAccessKey,
    KeyExists,
    NoSuchBucket,
    NoSuchCap,
    NoSuchKey,
    NoSuchUser,
    RGWAdminException,
    UserAlreadyExists,
)

ENDPOINT = os.environ["COZOS_ENDPOINT"]
_numbers = itertools.count()


def connect(access_key=os.environ["AWS_ACCESS_KEY_ID"], secret_key=os.environ["AWS_SECRET_ACCESS_KEY"]):
    host = urllib.parse.urlparse(ENDPOINT).netloc
    return RGWAdmin(access_key=access_key, secret_key=secret_key, server=host, secure=False)


@pytest.fixture(scope="session")
def rgw():
    return connect()


@pytest.fixture
def uid():
    return "rgwadmin-%d-%d" % (os.getpid(), next(_numbers))


def s3_of(user):
    key = [key for key in user["keys"] if key["secret_key"]][0]
    return boto3.client(
        "s3",
        endpoint_url=ENDPOINT,
        aws_access_key_id=key["access_key"],
        aws_secret_access_key=key["secret_key"],
        config=Config(retries={"max_attempts": 1, "mode": "standard"}),
    )


def test_a_user_is_made_changed_and_removed(rgw, uid):
    user = rgw.create_user(
        uid=uid, display_name="Py Thon", email=uid + "@x.org", user_caps="usage=read, write;users=read", max_buckets=5
    )
    assert user["display_name"] == "Py Thon"
    assert user["max_buckets"] == 5
    assert sorted((cap["type"], cap["perm"]) for cap in user["caps"]) == [("usage", "*"), ("users", "read")]
    assert len(user["keys"][0]["secret_key"]) == 40
    s3 = s3_of(user)
    assert s3.list_buckets()["Buckets"] == []

    assert rgw.get_user(uid=uid)["keys"] == [dict(user["keys"][0], secret_key="")]
    assert rgw.get_user(access_key=user["keys"][0]["access_key"])["user_id"] == uid
    assert uid in rgw.get_users()
    with pytest.raises(UserAlreadyExists):
        rgw.create_user(uid=uid, display_name="another")
    with pytest.raises(EmailExists):
        rgw.create_user(uid=uid + "-2", display_name="another", email=uid + "@x.org")

    changed = rgw.modify_user(uid=uid, display_name="Changed", suspended=True)
    assert (changed["display_name"], changed["suspended"]) == ("Changed", 1)
    with pytest.raises(ClientError, match="UserSuspended"):
        s3.list_buckets()
    assert rgw.modify_user(uid=uid, suspended=False)["suspended"] == 0
    s3.list_buckets()

    rgw.remove_user(uid=uid)
    with pytest.raises(NoSuchUser):
        rgw.get_user(uid=uid)
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        s3.list_buckets()


def test_keys_and_capabilities(rgw, uid):
    user = rgw.create_user(uid=uid, display_name=uid)
    keys = rgw.create_key(uid=uid, access_key="KEY" + uid, secret_key="s3cret")
    assert sorted(key["access_key"] for key in keys) == sorted(["KEY" + uid, user["keys"][0]["access_key"]])
    limited = connect("KEY" + uid, "s3cret")
    with pytest.raises(AccessDenied):
        limited.get_user(uid=uid)
    assert rgw.add_capability(uid=uid, user_caps="users=read") == [{"type": "users", "perm": "read"}]
    assert limited.get_user(uid=uid)["user_id"] == uid
    with pytest.raises(AccessDenied):
        limited.create_user(uid=uid + "-2", display_name="x")
    assert rgw.remove_capability(uid=uid, user_caps="users=read") == []
    with pytest.raises(NoSuchCap):
        rgw.remove_capability(uid=uid, user_caps="users=read")

    other = rgw.create_user(uid=uid + "-2", display_name="x")
    with pytest.raises(KeyExists):
        rgw.create_key(uid=uid, access_key=other["keys"][0]["access_key"])
    rgw.remove_key(access_key="KEY" + uid, uid=uid)
    with pytest.raises(InvalidAccessKey):
        rgw.remove_key(access_key="KEY" + uid)
    with pytest.raises(RGWAdminException):
        limited.get_user(uid=uid)


def test_quotas_are_set_and_enforced(rgw, uid):
    user = rgw.create_user(uid=uid, display_name=uid)
    s3 = s3_of(user)
    s3.create_bucket(Bucket=uid)
    rgw.set_user_quota(uid=uid, quota_type="user", max_objects=1, enabled=True)
    assert rgw.get_user_quota(uid)["max_objects"] == 1
    s3.put_object(Bucket=uid, Key="one", Body=b"x")
    with pytest.raises(ClientError, match="QuotaExceeded"):
        s3.put_object(Bucket=uid, Key="two", Body=b"x")
    rgw.set_user_quota(uid=uid, quota_type="user", enabled=False)
    s3.put_object(Bucket=uid, Key="two", Body=b"x")

    rgw.set_user_quota(uid=uid, quota_type="bucket", max_size_kb=4, enabled=True)
    quota = rgw.get_user_bucket_quota(uid)
    assert (quota["enabled"], quota["max_size"], quota["max_size_kb"]) == (True, 4096, 4)
    rgw.set_bucket_quota(uid=uid, bucket=uid, max_size_kb=1, max_objects=-1, enabled=True)
    assert rgw.get_bucket(bucket=uid)["bucket_quota"]["max_size"] == 1024
    with pytest.raises(ClientError, match="QuotaExceeded"):
        s3.put_object(Bucket=uid, Key="three", Body=b"x" * 2000)
    rgw.remove_user(uid=uid, purge_data=True)


def test_buckets_change_hands_and_go(rgw, uid):
    user = rgw.create_user(uid=uid, display_name=uid)
    other = rgw.create_user(uid=uid + "-2", display_name="other")
    s3 = s3_of(user)
    s3.create_bucket(Bucket=uid)
    s3.put_object(Bucket=uid, Key="k", Body=b"data")
    assert uid in rgw.get_bucket()
    assert uid in rgw.get_buckets()
    assert rgw.get_bucket(uid=uid) == [uid]
    stats = rgw.get_bucket(bucket=uid, stats=True)
    assert (stats["owner"], stats["usage"]["rgw.main"]["num_objects"]) == (uid, 1)
    assert rgw.get_bucket(uid=uid, stats=True)[0]["id"] == stats["id"]
    assert rgw.get_policy(bucket=uid)["owner"]["id"] == uid
    assert rgw.get_policy(bucket=uid, object_name="k")["acl"]["acl_user_map"] == [{"user": uid, "acl": 15}]

    with pytest.raises(BucketAlreadyExists):
        rgw.remove_user(uid=uid)
    rgw.unlink_bucket(bucket=uid, uid=uid)
    assert rgw.get_bucket(uid=uid) == []
    rgw.link_bucket(bucket=uid, uid=uid + "-2", bucket_id=stats["id"])
    assert s3_of(other).list_buckets()["Buckets"][0]["Name"] == uid

    with pytest.raises(BucketNotEmpty):
        rgw.remove_bucket(bucket=uid)
    rgw.remove_object(bucket=uid, object_name="k")
    with pytest.raises(NoSuchKey):
        rgw.remove_object(bucket=uid, object_name="k")
    rgw.remove_bucket(bucket=uid, purge_objects=True)
    with pytest.raises(NoSuchBucket):
        rgw.get_bucket(bucket=uid)


def test_usage(rgw):
    usage = rgw.get_usage(show_entries=True, show_summary=True)
    assert set(usage) == {"entries", "summary"}
    rgw.trim_usage(uid="nobody", end="2012-09-25 16:00:00")


def test_the_user_object(rgw, uid):
    RGWAdmin.set_connection(rgw)
    user = RGWUser.create(user_id=uid, display_name="An Object")
    assert (user.user_id, user.display_name, user.suspended) == (uid, "An Object", 0)
    user.display_name = "Changed"
    user.user_quota.enabled = True
    user.user_quota.max_objects = 7
    user.save()
    fetched = RGWUser.fetch(uid)
    assert (fetched.display_name, fetched.user_quota.max_objects, fetched.user_quota.enabled) == ("Changed", 7, True)
    assert fetched.exists()
    assert uid in [one.user_id for one in RGWUser.list()]
    fetched.delete()
    assert RGWUser.fetch(uid) is None
