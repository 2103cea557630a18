"""Users who meet in one bucket: what policies, ACLs, websites and tenants let them do, and what ends with a key."""

import itertools
import json
import os
import xml.etree.ElementTree as ElementTree

import pytest
import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.handlers import validate_bucket_name

from conftest import ENDPOINT, anonymous, client_of, code_of

http = urllib3.PoolManager()
_numbers = itertools.count()


def administer(method, path, **query):
    """Ceph's admin API, as the root account."""
    request = AWSRequest(method, ENDPOINT + "/admin" + path, params=query)
    keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    sent = request.prepare()
    answer = http.request(method, sent.url, headers=dict(sent.headers))
    assert answer.status == 200, answer.data
    return json.loads(answer.data) if answer.data else None


class User:
    """Somebody who exists for one test, made while the server runs."""

    def __init__(self, tenant=""):
        name = "py-user-%d-%d" % (os.getpid(), next(_numbers))
        self.uid = tenant + "$" + name if tenant else name
        self.arn = "arn:aws:iam::%s:user/%s" % (tenant, name)
        made = administer("PUT", "/user", uid=self.uid, **{"display-name": name})
        self.key = made["keys"][0]

    def client(self, **config):
        return client_of(self.key["access_key"], self.key["secret_key"], **config)


@pytest.fixture
def make_user():
    made = []

    def make(**options):
        made.append(User(**options))
        return made[-1]

    yield make
    for user in made:
        administer("DELETE", "/user", uid=user.uid, **{"purge-data": "true"})


@pytest.fixture
def alice(make_user):
    return make_user()


@pytest.fixture
def bob(make_user):
    return make_user()


@pytest.fixture
def owned(alice):
    """A bucket of alice's."""
    name = alice.uid + "-bucket"
    alice.client().create_bucket(Bucket=name)
    return name


def put_policy(user, bucket, *statements):
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    user.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def allow(principal, action, resource, **more):
    resources = ["arn:aws:s3:::" + one for one in ([resource] if isinstance(resource, str) else resource)]
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resources, **more}


def deny(principal, action, resource, **more):
    return {**allow(principal, action, resource, **more), "Effect": "Deny"}


def read(client, bucket, key):
    return client.get_object(Bucket=bucket, Key=key)["Body"].read()


def test_a_policy_between_users(make_user, alice, bob, owned):
    carol, owner, guest = make_user(), alice.client(), bob.client()
    for key in ("shared/a", "shared/secret", "own"):
        owner.put_object(Bucket=owned, Key=key, Body=key.encode())
    assert code_of(guest.get_object, Bucket=owned, Key="shared/a") == "AccessDenied"
    put_policy(
        alice,
        owned,
        allow({"AWS": bob.arn}, ["s3:GetObject", "s3:PutObject"], owned + "/shared/*"),
        deny("*", "s3:GetObject", owned + "/shared/secret"),
        allow({"AWS": bob.arn}, "s3:ListBucket", owned, Condition={"StringLike": {"s3:prefix": "shared/*"}}),
    )
    assert read(guest, owned, "shared/a") == b"shared/a"
    guest.put_object(Bucket=owned, Key="shared/b", Body=b"of bob")
    assert code_of(guest.put_object, Bucket=owned, Key="b", Body=b"x") == "AccessDenied"
    assert code_of(guest.delete_object, Bucket=owned, Key="shared/a") == "AccessDenied"
    # A denial holds for everybody, for the owner as well.
    for client in (guest, owner, anonymous()):
        assert code_of(client.get_object, Bucket=owned, Key="shared/secret") == "AccessDenied"
    assert code_of(carol.client().get_object, Bucket=owned, Key="shared/a") == "AccessDenied"
    assert code_of(anonymous().get_object, Bucket=owned, Key="shared/a") == "AccessDenied"

    listed = guest.list_objects_v2(Bucket=owned, Prefix="shared/")
    assert [one["Key"] for one in listed["Contents"]] == ["shared/a", "shared/b", "shared/secret"]
    assert code_of(guest.list_objects_v2, Bucket=owned) == "AccessDenied"
    # Whether a key exists is for those to know who may list.
    assert code_of(carol.client().get_object, Bucket=owned, Key="none") == "AccessDenied"
    assert code_of(owner.get_object, Bucket=owned, Key="none") == "NoSuchKey"

    assert owner.get_bucket_policy_status(Bucket=owned)["PolicyStatus"]["IsPublic"] is False
    assert code_of(guest.get_bucket_policy, Bucket=owned) == "AccessDenied"
    owner.delete_bucket_policy(Bucket=owned)
    assert code_of(guest.get_object, Bucket=owned, Key="shared/a") == "AccessDenied"


def test_a_policy_for_everybody_and_the_public_access_block(alice, bob, owned):
    owner = alice.client()
    owner.put_object(Bucket=owned, Key="k", Body=b"public")
    referer = {"StringLike": {"aws:Referer": "http://page.example/*"}}
    put_policy(alice, owned, allow("*", "s3:GetObject", owned + "/*", Condition=referer))
    url = "%s/%s/k" % (ENDPOINT, owned)
    assert http.request("GET", url, headers={"Referer": "http://page.example/index"}).data == b"public"
    assert http.request("GET", url, headers={"Referer": "http://thief.example/"}).status == 403
    assert http.request("GET", url).status == 403

    put_policy(alice, owned, allow("*", "s3:GetObject", owned + "/*"))
    assert owner.get_bucket_policy_status(Bucket=owned)["PolicyStatus"]["IsPublic"] is True
    assert read(anonymous(), owned, "k") == read(bob.client(), owned, "k") == b"public"
    restricted = {"BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    owner.put_public_access_block(Bucket=owned, PublicAccessBlockConfiguration=restricted)
    for client in (anonymous(), bob.client()):
        assert code_of(client.get_object, Bucket=owned, Key="k") == "AccessDenied"
    assert read(owner, owned, "k") == b"public"
    assert code_of(put_policy, alice, owned, allow("*", "s3:GetObject", owned + "/*")) == "AccessDenied"
    owner.delete_public_access_block(Bucket=owned)
    assert read(anonymous(), owned, "k") == b"public"


def test_grants_between_users(alice, bob, owned):
    owner, guest = alice.client(), bob.client()
    owner.put_bucket_acl(Bucket=owned, GrantFullControl="id=" + alice.uid, GrantWrite="id=" + bob.uid)
    guest.put_object(Bucket=owned, Key="of-bob", Body=b"1")
    assert code_of(guest.list_objects_v2, Bucket=owned) == "AccessDenied"
    # Who writes an object owns it: the owner of the bucket may only remove it.
    assert code_of(owner.get_object, Bucket=owned, Key="of-bob") == "AccessDenied"
    guest.put_object(Bucket=owned, Key="handed-over", Body=b"2", ACL="bucket-owner-full-control")
    assert read(owner, owned, "handed-over") == b"2"
    shown = owner.get_object_acl(Bucket=owned, Key="handed-over")
    assert shown["Owner"]["ID"] == bob.uid
    assert sorted(grant["Grantee"]["ID"] for grant in shown["Grants"]) == sorted([alice.uid, bob.uid])
    owner.delete_object(Bucket=owned, Key="of-bob")
    assert [one["Key"] for one in owner.list_objects_v2(Bucket=owned)["Contents"]] == ["handed-over"]

    owner.put_object(Bucket=owned, Key="for-users", Body=b"3", ACL="authenticated-read")
    assert read(guest, owned, "for-users") == b"3"
    assert code_of(anonymous().get_object, Bucket=owned, Key="for-users") == "AccessDenied"
    owner.put_object_acl(Bucket=owned, Key="for-users", ACL="public-read")
    assert read(anonymous(), owned, "for-users") == b"3"
    assert owned not in [one["Name"] for one in guest.list_buckets()["Buckets"]]
    owner.put_bucket_ownership_controls(
        Bucket=owned, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    guest.put_object(Bucket=owned, Key="taken-over", Body=b"4", ACL="bucket-owner-full-control")
    assert owner.get_object_acl(Bucket=owned, Key="taken-over")["Owner"]["ID"] == alice.uid


def test_a_public_website(alice, owned):
    owner = alice.client()
    pages = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}
    owner.put_bucket_website(Bucket=owned, WebsiteConfiguration=pages)
    for key, acl in (("index.html", "public-read"), ("error.html", "public-read"), ("private.html", "private")):
        owner.put_object(Bucket=owned, Key=key, Body=key.encode(), ACL=acl, ContentType="text/html")

    def visit(path):
        answer = http.request("GET", ENDPOINT + path, headers={"Host": owned + ".website.localhost"})
        return answer.status, answer.data

    assert visit("/") == (200, b"index.html")
    assert visit("/private.html") == (403, b"error.html")
    # To a visitor who may not list, what is missing is forbidden.
    assert visit("/none.html") == (403, b"error.html")
    owner.put_bucket_acl(Bucket=owned, ACL="public-read")
    assert visit("/none.html") == (404, b"error.html")
    owner.put_object_acl(Bucket=owned, Key="index.html", ACL="private")
    assert visit("/")[0] == 403


def refusal(answer):
    return answer.status, ElementTree.fromstring(answer.data).findtext("Code")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_what_was_signed_ends_with_its_signer(alice, owned, version):
    client = alice.client(signature_version=version)
    client.put_object(Bucket=owned, Key="k", Body=b"by url")
    at = {"Bucket": owned, "Key": "k"}
    urls = [("GET", client.generate_presigned_url("get_object", Params=at))]
    urls.append(("PUT", client.generate_presigned_url("put_object", Params={**at, "Key": "new"})))
    form = client.generate_presigned_post(Bucket=owned, Key="form")

    def use():
        answers = [http.request(method, url, body=b"x" if method == "PUT" else None) for method, url in urls]
        fields = [*form["fields"].items(), ("file", ("f", b"x"))]
        return [*answers, http.request("POST", form["url"], fields=fields)]

    assert [answer.status for answer in use()] == [200, 200, 204]
    administer("POST", "/user", uid=alice.uid, suspended="true")
    assert [refusal(answer) for answer in use()] == [(403, "UserSuspended")] * 3
    assert code_of(client.get_object, **at) == "UserSuspended"
    administer("POST", "/user", uid=alice.uid, suspended="false")
    assert [answer.status for answer in use()] == [200, 200, 204]

    second = {"access_key": "SECOND" + alice.key["access_key"], "secret_key": "second-secret"}
    keys = {"access-key": second["access_key"], "secret-key": second["secret_key"]}
    administer("PUT", "/user", key="", uid=alice.uid, **keys)
    administer("DELETE", "/user", key="", uid=alice.uid, **{"access-key": alice.key["access_key"]})
    # RGW does not tell a form that its key is unknown (recorded: post.v2.unknown_key).
    gone = ["InvalidAccessKeyId", "InvalidAccessKeyId", "AccessDenied"]
    assert [refusal(answer) for answer in use()] == [(403, code) for code in gone]
    alice.key = second
    assert read(alice.client(), owned, "k") == b"by url"


def with_tenants(client):
    """boto3 refuses the colon of tenant:bucket by itself (Ceph's documentation, "RGW Multitenancy")."""
    client.meta.events.unregister("before-parameter-build.s3", validate_bucket_name)
    return client


def test_tenants_have_buckets_of_their_own(make_user, alice, owned):
    dave, erin = make_user(tenant="acme"), make_user(tenant="acme")
    alice.client().put_object(Bucket=owned, Key="k", Body=b"of no tenant")
    # One name, two buckets.
    dave.client().create_bucket(Bucket=owned)
    dave.client().put_object(Bucket=owned, Key="k", Body=b"of acme")
    assert read(alice.client(), owned, "k") == b"of no tenant"
    assert read(dave.client(), owned, "k") == b"of acme"

    outsider, elsewhere = with_tenants(alice.client()), "acme:" + owned
    assert code_of(outsider.get_object, Bucket=elsewhere, Key="k") == "AccessDenied"
    assert code_of(erin.client().get_object, Bucket=owned, Key="k") == "AccessDenied"
    put_policy(dave, owned, allow({"AWS": [alice.arn, erin.arn]}, "s3:GetObject", owned + "/*"))
    assert read(outsider, elsewhere, "k") == b"of acme"
    assert read(erin.client(), owned, "k") == b"of acme"
    assert code_of(with_tenants(anonymous()).get_object, Bucket=elsewhere, Key="k") == "AccessDenied"
    dave.client().put_object_acl(Bucket=owned, Key="k", ACL="public-read")
    assert read(with_tenants(anonymous()), elsewhere, "k") == b"of acme"
    assert code_of(outsider.get_object, Bucket="acme:none", Key="k") == "NoSuchBucket"
