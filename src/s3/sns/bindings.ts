/**
 * The operation table of SNS's API, as far as it is about topics: `POST /` with the action's name in the parameter
 * Action. Rows without a line in operations/registry.ts answer 501 NotImplemented by their name. Sources: the public
 * SNS API model (2010-03-31), and Ceph's GetTopic.
 */
export interface SnsBinding {
  readonly action: string
  /** The status of success. */
  readonly status: 200
}

export const SNS_BINDINGS = {
  AddPermission: { action: 'AddPermission', status: 200 },
  ConfirmSubscription: { action: 'ConfirmSubscription', status: 200 },
  CreateTopic: { action: 'CreateTopic', status: 200 },
  DeleteTopic: { action: 'DeleteTopic', status: 200 },
  GetDataProtectionPolicy: { action: 'GetDataProtectionPolicy', status: 200 },
  GetSubscriptionAttributes: { action: 'GetSubscriptionAttributes', status: 200 },
  GetTopic: { action: 'GetTopic', status: 200 },
  GetTopicAttributes: { action: 'GetTopicAttributes', status: 200 },
  ListSubscriptions: { action: 'ListSubscriptions', status: 200 },
  ListSubscriptionsByTopic: { action: 'ListSubscriptionsByTopic', status: 200 },
  ListTagsForResource: { action: 'ListTagsForResource', status: 200 },
  ListTopics: { action: 'ListTopics', status: 200 },
  Publish: { action: 'Publish', status: 200 },
  PublishBatch: { action: 'PublishBatch', status: 200 },
  PutDataProtectionPolicy: { action: 'PutDataProtectionPolicy', status: 200 },
  RemovePermission: { action: 'RemovePermission', status: 200 },
  SetSubscriptionAttributes: { action: 'SetSubscriptionAttributes', status: 200 },
  SetTopicAttributes: { action: 'SetTopicAttributes', status: 200 },
  Subscribe: { action: 'Subscribe', status: 200 },
  TagResource: { action: 'TagResource', status: 200 },
  Unsubscribe: { action: 'Unsubscribe', status: 200 },
  UntagResource: { action: 'UntagResource', status: 200 },
} as const satisfies Record<string, SnsBinding>

export type SnsOperationName = keyof typeof SNS_BINDINGS
