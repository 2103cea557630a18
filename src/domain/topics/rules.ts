/** What of topics the providers contradict each other in, as far as it is decided here. */
export interface TopicRules {
  /**
   * A topic that is not there: recorded from RGW 16.2 (topic.GetTopicAttributes.rec_none); NoSuchKey in the older
   * gateways that ZOS descends from; AWS's SNS says NotFound.
   */
  readonly missing: 'NoSuchEntity' | 'NoSuchKey' | 'NotFound'
  /** A parameter or an attribute that cannot be what it is (recorded: topic.GetTopic.no_arn). */
  readonly invalid: 'InvalidInput' | 'InvalidArgument' | 'InvalidParameter'
  /** AWS and newer Ceph allow letters, digits, `_` and `-`; RGW 16.2 takes anything (recorded: topic.list). */
  readonly plainNames: boolean
  /** Whether attributes that nobody knows are kept and listed, as RGW does. In AWS they would mean something. */
  readonly keepsUnknownAttributes: boolean
  /**
   * Whether an endpoint with a password is refused that comes over plain HTTP, as RGW does unless it is told otherwise
   * (recorded: topic.create.kafka_password_http).
   */
  readonly refusesSecretsInClear: boolean
}
