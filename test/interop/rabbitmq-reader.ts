// Exchanges and queues of the RabbitMQ tests.

import { randomUUID } from 'node:crypto'
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib'
import { until } from './processes.ts'

export interface RabbitmqAdmin {
  /** A durable topic exchange, as RGW's manual asks for. */
  exchange(name?: string): Promise<string>
  /** A durable queue for what the exchange gets with this routing key. */
  queue(exchange: string, routingKey: string): Promise<string>
  deleteExchange(name: string): Promise<void>
  read(queue: string): Promise<QueueReader>
  close(): Promise<void>
}

export interface QueueReader {
  readonly messages: readonly ConsumeMessage[]
  /** Resolves with the bodies once there are so many. */
  received(count: number): Promise<readonly string[]>
  stop(): Promise<void>
}

export async function rabbitmqAdmin(broker: string, vhost = '/', login = 'guest:guest'): Promise<RabbitmqAdmin> {
  const model = await connect(`amqp://${login}@${broker}/${encodeURIComponent(vhost)}`)
  // Brokers are killed in these tests.
  model.on('error', () => undefined)
  const channel = await model.createChannel()
  channel.on('error', () => undefined)
  return adminOf(model, channel)
}

function adminOf(model: ChannelModel, channel: Channel): RabbitmqAdmin {
  return {
    exchange: async (name = `exchange-${randomUUID()}`) => {
      await channel.assertExchange(name, 'topic', { durable: true })
      return name
    },
    queue: async (exchange, routingKey) => {
      const { queue } = await channel.assertQueue(`queue-${randomUUID()}`, { durable: true })
      await channel.bindQueue(queue, exchange, routingKey)
      return queue
    },
    deleteExchange: async (name) => {
      await channel.deleteExchange(name)
    },
    read: (queue) => readerOf(channel, queue),
    close: () => model.close().catch(() => undefined),
  }
}

async function readerOf(channel: Channel, queue: string): Promise<QueueReader> {
  const messages: ConsumeMessage[] = []
  const take = (message: ConsumeMessage | null): void => {
    if (message !== null) messages.push(message)
  }
  const { consumerTag } = await channel.consume(queue, take, { noAck: true })
  return {
    messages,
    received: async (count) => {
      await until(() => messages.length >= count)
      return messages.map(({ content }) => String(content))
    },
    stop: async () => {
      await channel.cancel(consumerTag)
    },
  }
}
