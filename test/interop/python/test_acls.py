"""The ZOS manual's examples of ACLs (1.9, 1.10, 2.6, 2.7), with the users that they name, and what they give."""

import boto3
import pytest

from conftest import anonymous, client_of, code_of

ALL_USERS = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
POLICY = {
    "Grants": [
        {"Grantee": {"Type": "CanonicalUser", "ID": "test-1"}, "Permission": "FULL_CONTROL"},
        {"Grantee": {"Type": "CanonicalUser", "ID": "test-2"}, "Permission": "READ"},
        {"Grantee": {"Type": "AmazonCustomerByEmail", "EmailAddress": "abc@abc.com"}, "Permission": "WRITE"},
    ],
    "Owner": {"ID": "test-1"},
}


def as_user(name):
    return client_of(name.upper().replace("-", "") + "KEY", name + "-secret-of-the-tests")


def grants_of(answer):
    return [(grant["Grantee"].get("ID", "everybody"), grant["Permission"]) for grant in answer["Grants"]]


@pytest.fixture
def owner():
    return as_user("test-1")


@pytest.fixture
def owned(owner, request):
    name = "py-acl-" + request.node.name.replace("_", "-") + "-" + boto3.__version__.replace(".", "-")
    owner.create_bucket(Bucket=name)
    return name


def test_bucket_acl(owner, owned):
    answer = owner.put_bucket_acl(Bucket=owned, ACL="public-read-write")
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/xml"
    shown = owner.get_bucket_acl(Bucket=owned)
    assert shown["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "843"
    assert shown["Owner"] == {"ID": "test-1", "DisplayName": "test-1"}
    assert shown["Grants"][0] == {"Grantee": ALL_USERS, "Permission": "READ"}
    assert shown["Grants"][2] == {
        "Grantee": {"EmailAddress": "", "Type": "CanonicalUser", "DisplayName": "test-1", "ID": "test-1"},
        "Permission": "FULL_CONTROL",
    }
    anonymous().put_object(Bucket=owned, Key="anybody", Body=b"x")

    owner.put_bucket_acl(Bucket=owned, AccessControlPolicy=POLICY)
    assert grants_of(owner.get_bucket_acl(Bucket=owned)) == [
        ("abc", "WRITE"),
        ("test-1", "FULL_CONTROL"),
        ("test-2", "READ"),
    ]
    as_user("test-2").list_objects(Bucket=owned)
    assert code_of(as_user("test-2").put_object, Bucket=owned, Key="k", Body=b"x") == "AccessDenied"
    as_user("abc").put_object(Bucket=owned, Key="k", Body=b"x")
    assert code_of(as_user("abc").list_objects, Bucket=owned) == "AccessDenied"
    assert code_of(anonymous().put_object, Bucket=owned, Key="k", Body=b"x") == "AccessDenied"

    owner.put_bucket_acl(Bucket=owned, GrantReadACP="id=test-4", GrantWriteACP="emailAddress=def@def.com")
    assert grants_of(as_user("test-4").get_bucket_acl(Bucket=owned)) == [("def", "WRITE_ACP"), ("test-4", "READ_ACP")]
    assert code_of(owner.list_objects, Bucket=owned) == "AccessDenied"
    assert code_of(as_user("test-4").put_bucket_acl, Bucket=owned, ACL="private") == "AccessDenied"
    as_user("def").put_bucket_acl(Bucket=owned, ACL="private")
    owner.list_objects(Bucket=owned)


def test_object_acl(owner, owned):
    at = {"Bucket": owned, "Key": "object-1"}
    owner.put_object(Body=b"x", **at)
    assert code_of(anonymous().get_object, **at) == "AccessDenied"
    owner.put_object_acl(ACL="public-read-write", **at)
    assert owner.get_object_acl(**at)["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "843"
    anonymous().get_object(**at)

    owner.put_object_acl(AccessControlPolicy=POLICY, **at)
    as_user("test-2").get_object(**at)
    assert code_of(as_user("abc").get_object, **at) == "AccessDenied"
    assert code_of(anonymous().get_object, **at) == "AccessDenied"

    owner.put_object_acl(GrantReadACP="id=test-4", GrantWriteACP="emailAddress=def@def.com", **at)
    as_user("test-4").get_object_acl(**at)
    assert code_of(as_user("test-4").get_object, **at) == "AccessDenied"
    as_user("def").put_object_acl(ACL="public-read", **at)
    anonymous().get_object(**at)


def test_grantees_that_are_nobody(owner, owned):
    put = owner.put_bucket_acl
    assert code_of(put, Bucket=owned, GrantRead="emailAddress=no@body.org") == "UnresolvableGrantByEmailAddress"
    assert code_of(put, Bucket=owned, GrantRead="id=nobody") == "InvalidArgument"
    assert code_of(put, Bucket=owned, ACL="private", GrantRead="id=test-2") == "InvalidRequest"
    put(Bucket=owned, GrantRead='id="test-2", emailAddress="abc@abc.com"')
    as_user("abc").list_objects(Bucket=owned)
