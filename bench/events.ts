// PUT 4 KiB into buckets whose topics are told, against one without any, turn by turn on one server.

import { randomBytes } from 'node:crypto'
import { load, type Running } from './process.ts'
import { prepare, send } from './requests.ts'
import { median, type Row } from './table.ts'

const CONNECTIONS = 32
const BODY_BYTES = 4096
const KEYS = 1_000
const PUTS = 10_000
/** Turns that count, behind one in which nothing is compiled yet. */
const RUNS = 9
/** With a persistent topic, of the throughput without any. */
const SHARE_MIN = 0.7

const KINDS = [
  { bucket: 'bench-untold', name: 'no topic', persistent: undefined },
  { bucket: 'bench-queued', name: 'a persistent topic', persistent: 'true' },
  { bucket: 'bench-pushed', name: 'a topic that keeps nothing', persistent: 'false' },
] as const

export async function events({ port }: Running): Promise<Row[]> {
  const body = randomBytes(BODY_BYTES)
  const kinds = []
  for (const kind of KINDS) {
    await send({ port, method: 'PUT', path: `/${kind.bucket}` })
    if (kind.persistent !== undefined) await tellTopic(port, { ...kind, persistent: kind.persistent })
    const requests = Array.from({ length: KEYS }, (_, key) =>
      prepare({ port, method: 'PUT', path: `/${kind.bucket}/${key}`, body }),
    )
    kinds.push({ ...kind, requests, perSecond: [] as number[] })
  }
  const shape = { port, connections: CONNECTIONS, warmUp: KEYS, measured: PUTS, status: 200 }
  for (let run = 0; run <= RUNS; run += 1) {
    for (const { requests, perSecond } of kinds) {
      const reached = await load({ ...shape, requests })
      if (run > 0) perSecond.push(reached.perSecond)
    }
  }
  const [plain, ...told] = kinds
  if (plain === undefined) throw new Error('there is a kind to compare with')
  return told.map(({ name, persistent, perSecond }) => {
    // Neighbours in time are compared: a machine that slows down does so for both.
    const share = median(perSecond.map((reached, run) => reached / (plain.perSecond[run] ?? Number.NaN)))
    const [withTopic, without] = [median(perSecond), median(plain.perSecond)]
    return {
      name: `PUT 4 KiB, durable, ${CONNECTIONS} connections, with ${name}`,
      reached: `${share.toFixed(2)} of plain (${withTopic.toFixed(0)}/s of ${without.toFixed(0)}/s)`,
      // The request itself pushes for the other kind, and waits for whoever is told.
      ...(persistent === 'true' ? { aim: { text: `≥ ${SHARE_MIN} of plain`, met: share >= SHARE_MIN } } : {}),
    }
  })
}

/** A topic of the bucket's name, whose events go to an inbox of that name. */
async function tellTopic(port: number, { bucket, persistent }: { bucket: string; persistent: string }): Promise<void> {
  const form = new URLSearchParams({
    Action: 'CreateTopic',
    Version: '2010-03-31',
    Name: bucket,
    'Attributes.entry.1.key': 'push-endpoint',
    'Attributes.entry.1.value': `inbox://${bucket}`,
    'Attributes.entry.2.key': 'persistent',
    'Attributes.entry.2.value': persistent,
  })
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const answer = await send({ port, method: 'POST', path: '/', headers, body: Buffer.from(form.toString()) })
  const arn = /<TopicArn>(.*)<\/TopicArn>/.exec(await answer.text())?.[1]
  const configuration = `<NotificationConfiguration><TopicConfiguration><Id>bench</Id><Topic>${arn}</Topic>\
<Event>s3:ObjectCreated:*</Event></TopicConfiguration></NotificationConfiguration>`
  await send({ port, method: 'PUT', path: `/${bucket}`, query: 'notification=', body: Buffer.from(configuration) })
}
