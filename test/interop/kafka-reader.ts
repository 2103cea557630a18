// Reads Kafka topics in the tests: all partitions from their beginning, outside of any group that a producer could see.

import { randomUUID } from 'node:crypto'
import { type Admin, Kafka, type KafkaMessage, logLevel } from 'kafkajs'
import { until } from './processes.ts'

export interface ReadMessage {
  readonly partition: number
  readonly message: KafkaMessage
}

export interface KafkaReader {
  /** Of each partition in its order. */
  readonly messages: readonly ReadMessage[]
  /** Resolves with the values once there are so many messages. */
  received(count: number): Promise<readonly string[]>
  close(): Promise<void>
}

export function kafkaClient(broker: string): Kafka {
  return new Kafka({ brokers: [broker], clientId: 'interop', logLevel: logLevel.NOTHING, retry: { retries: 20 } })
}

export async function withAdmin<T>(broker: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafkaClient(broker).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Makes a topic of a name that no other test uses. */
export async function createTopic(broker: string, assignment: readonly (readonly number[])[]): Promise<string> {
  const topic = `t-${randomUUID()}`
  const replicaAssignment = assignment.map((replicas, partition) => ({ partition, replicas: [...replicas] }))
  await withAdmin(broker, (admin) =>
    admin.createTopics({ topics: [{ topic, replicaAssignment }], waitForLeaders: true }),
  )
  return topic
}

export async function readTopic(broker: string, topic: string): Promise<KafkaReader> {
  const messages: ReadMessage[] = []
  const consumer = kafkaClient(broker).consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 50 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      messages.push({ partition, message })
    },
  })
  return {
    messages,
    received: async (count) => {
      await until(() => messages.length >= count)
      return messages.map(({ message }) => String(message.value))
    },
    close: () => consumer.disconnect(),
  }
}
