"""Topics and notifications, as the ZOS manual prints them (5.1-5.4), with the extras that it asks for."""

import itertools
import os

import boto3
import pytest
from botocore.client import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["COZOS_ENDPOINT"]
_numbers = itertools.count()


def make_sns(**config):
    retries = {"max_attempts": 1, "mode": "standard"}
    return boto3.client(
        "sns",
        endpoint_url=ENDPOINT,
        use_ssl=True,
        verify=False,
        region_name="default",
        config=Config(retries=retries, **config),
    )


@pytest.fixture(scope="module", params=["s3", None], ids=["v2", "v4"])
def sns_client(request):
    version = request.param
    return make_sns(signature_version=version) if version else make_sns()


@pytest.fixture
def name():
    return "topic_%d_%d_%s" % (os.getpid(), next(_numbers), boto3.__version__.replace(".", "_"))


def code(error):
    return error.value.response["Error"]["Code"]


def test_topics_of_the_manual(sns_client):
    topic_name = "Kafka_topic"
    kafka_endpoint = "11.50.132.160:9092"
    attributes = {}
    attributes["push-endpoint"] = "kafka://" + kafka_endpoint
    attributes["kafka-ack-level"] = "broker"
    response = sns_client.create_topic(Name=topic_name, Attributes=attributes)
    topic_arn = response["TopicArn"]
    assert topic_arn.startswith("arn:aws:sns:") and topic_arn.endswith("::Kafka_topic")
    metadata = response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["HTTPHeaders"]["content-type"] == "application/xml"
    # An id of three numbers, of which the last two are those of the header.
    _, instance, counter = metadata["RequestId"].split(".")
    header = metadata["HTTPHeaders"]["x-amz-request-id"]
    assert header.startswith("tx%021x-" % int(counter)) and "-%x-" % int(instance) in header

    # As it is printed, with the region of the manual.
    topic_arn = "arn:aws:sns:zg_cn::Kafka_topic"
    response = sns_client.get_topic(TopicArn=topic_arn)
    topic = response["GetTopicResult"]["Topic"]
    assert topic["Name"] == "Kafka_topic"
    assert topic["User"] == "cozos"
    assert topic["EndPoint"] == {
        "EndpointAddress": "kafka://11.50.132.160:9092",
        "EndpointArgs": "Attributes.entry.1.key=push-endpoint&"
        "Attributes.entry.1.value=kafka%3A%2F%2F11.50.132.160%3A9092&"
        "Attributes.entry.2.key=kafka-ack-level&Attributes.entry.2.value=broker&"
        "Version=2010-03-31&kafka-ack-level=broker&push-endpoint=kafka://11.50.132.160:9092",
        "EndpointTopic": "Kafka_topic",
    }

    response = sns_client.list_topics()
    listed = [one for one in response["Topics"] if one["Name"] == "Kafka_topic"]
    assert listed == [topic]

    for _ in range(2):
        response = sns_client.delete_topic(TopicArn=topic_arn)
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
    try:
        response = sns_client.get_topic(TopicArn=topic_arn)
    except sns_client.exceptions.ClientError:
        response = "There is not Topic"
    assert response == "There is not Topic"


def test_attributes(sns_client, name):
    attributes = {"push-endpoint": "amqp://user:secret@broker:5672/vhost", "amqp-exchange": "ex", "OpaqueData": "a&b <c>"}
    arn = sns_client.create_topic(Name=name, Attributes=attributes)["TopicArn"]
    sns_client.set_topic_attributes(TopicArn=arn, AttributeName="persistent", AttributeValue="true")
    found = sns_client.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert found["TopicArn"] == arn
    assert found["OpaqueData"] == "a&b <c>"
    assert '"Persistent":"true"' in found["EndPoint"]
    assert "secret" not in found["EndPoint"] and "amqp://user:***@broker:5672/vhost" in found["EndPoint"]
    sns_client.delete_topic(TopicArn=arn)


def test_errors_have_their_codes(sns_client, name):
    with pytest.raises(ClientError) as refused:
        sns_client.create_topic(Name=name, Attributes={"push-endpoint": "ftp://nowhere"})
    assert code(refused) == "InvalidArgument"
    assert "push-endpoint" in refused.value.response["Error"]["Message"]
    with pytest.raises(ClientError) as missing:
        sns_client.get_topic(TopicArn="arn:aws:sns:default::" + name)
    assert code(missing) == "NoSuchKey"
    with pytest.raises(ClientError) as unserved:
        sns_client.publish(TopicArn="arn:aws:sns:default::" + name, Message="x")
    assert unserved.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_notifications_of_a_bucket(sns_client, s3, bucket, name):
    arn = sns_client.create_topic(Name=name, Attributes={"push-endpoint": "http://127.0.0.1:9"})["TopicArn"]
    rules = {
        "Key": {"FilterRules": [{"Name": "prefix", "Value": "x"}, {"Name": "regex", "Value": "x[0-9]+"}]},
        "Metadata": {"FilterRules": [{"Name": "x-amz-meta-color", "Value": "blue"}]},
        "Tags": {"FilterRules": [{"Name": "env", "Value": "prod"}]},
    }
    first = {"Id": "n1", "TopicArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": rules}
    second = {"Id": "n2", "TopicArn": arn, "Events": ["s3:ObjectRemoved:Delete"]}
    for one in (first, second):
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [one]})
    found = s3.get_bucket_notification_configuration(Bucket=bucket)["TopicConfigurations"]
    assert found == [first, second]
    found = s3.get_bucket_notification_configuration(Bucket=bucket, Notification="n2")["TopicConfigurations"]
    assert found == [second]
    s3.delete_bucket_notification_configuration(Bucket=bucket, Notification="n1")
    assert s3.get_bucket_notification_configuration(Bucket=bucket)["TopicConfigurations"] == [second]
    s3.delete_bucket_notification_configuration(Bucket=bucket)
    assert "TopicConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    sns_client.delete_topic(TopicArn=arn)
