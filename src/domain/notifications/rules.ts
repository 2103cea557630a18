/** How a provider tells of events. */
export interface EventRules {
  readonly format: 'rgw' | 'aws'
  /** The region's name as it stands in an event; RGW 16.2's is empty (recorded: every push). */
  readonly region: string
  /** RGW: the zone's UUID, with which its ids of buckets begin. */
  readonly zoneId: string
  /** What an event calls x-amz-id-2. */
  readonly hostId: string
  /** What an event calls the request of this x-amz-request-id: RGW writes its number in another form. */
  requestId(requestId: string): string
}

/** How a provider takes the configuration of notifications, as far as it is decided here. */
export interface NotificationRules {
  /**
   * Whether what is put comes beside what is there, but for notifications of the same id and topic, as in RGW
   * (recorded: notification.get.after_two_puts). In AWS it takes the place of all.
   */
  readonly merges: boolean
  /** AWS refuses two notifications of one event whose prefixes and suffixes overlap. RGW sends the event twice. */
  readonly refusesOverlaps: boolean
  /** A topic that is not there (recorded: notification.put.unknown_topic). */
  readonly unknownTopic: 'NoSuchKey' | 'InvalidArgument'
}
