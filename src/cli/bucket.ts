import { CommandError, type Json } from './client.ts'
import type { Command } from './command.ts'
import { QUOTA_FLAGS, quotaParameters, quotaText } from './quota.ts'
import { type Bucket, bucketName } from './shapes.ts'
import { bytesText, fields, table } from './text.ts'

const list: Command = {
  verb: 'list',
  words: [],
  help: 'all buckets',
  flags: { owner: { type: 'string', value: 'UID', help: 'those of one user' } },
  async run(client, call) {
    const json = await client.send('GET bucket', { stats: true, uid: call.text('owner') })
    const rows = (json as unknown as readonly Bucket[]).map((bucket) => [
      bucketName(bucket),
      bucket.owner,
      String(bucket.usage['rgw.main'].num_objects),
      bytesText(bucket.usage['rgw.main'].size),
    ])
    return { json, text: table(['BUCKET', 'OWNER', 'OBJECTS', 'SIZE'], rows) }
  },
}

const show: Command = {
  verb: 'show',
  words: ['BUCKET'],
  help: 'all that is known of a bucket; in a tenant: TENANT/BUCKET',
  flags: {},
  async run(client, { words: [name = ''] }) {
    const json = await client.send('GET bucket', { bucket: name })
    const bucket = json as unknown as Bucket
    const usage = bucket.usage['rgw.main']
    const text = fields([
      ['bucket', bucketName(bucket)],
      ['owner', bucket.owner],
      ['created', bucket.creation_time],
      ['versioning', bucket.versioning],
      ['object lock', bucket.object_lock_enabled ? 'enabled' : ''],
      ['stored', `${usage.num_objects} objects, ${bytesText(usage.size)}`],
      ['quota', quotaText(bucket.bucket_quota)],
    ])
    return { json, text }
  },
}

const link: Command = {
  verb: 'link',
  words: ['BUCKET', 'UID'],
  help: 'give a bucket to another user',
  flags: {},
  async run(client, { words: [name = '', uid = ''] }) {
    // Without a tenant in front, the API would look for the bucket in the user's own.
    const bucket = name.includes('/') ? name : `/${name}`
    await client.send('PUT bucket', { bucket, uid })
    return { json: undefined, text: `The bucket ${name} belongs to ${uid}.\n` }
  },
}

const quota: Command = {
  verb: 'quota',
  words: ['BUCKET'],
  help: 'bound what a bucket may hold',
  flags: { ...QUOTA_FLAGS, off: { type: 'boolean', help: 'no longer in force' } },
  async run(client, call) {
    const [name = ''] = call.words
    const limits = quotaParameters(call, { objects: 'max-objects', bytes: 'max-bytes' })
    if ((limits === undefined) !== call.isSet('off')) {
      throw new CommandError('expected either --max-objects, --max-bytes or both, or --off')
    }
    const { owner } = (await client.send('GET bucket', { bucket: name })) as unknown as Bucket
    const bucket = name.includes('/') ? name : `/${name}`
    await client.send('PUT bucket?quota', { bucket, uid: owner, ...(limits ?? { enabled: false }) })
    const json = await client.send('GET bucket', { bucket })
    const now = quotaText((json as unknown as Bucket).bucket_quota)
    return {
      json: (json as unknown as { bucket_quota: Json }).bucket_quota,
      text: `Quota of ${name}: ${now || 'none'}\n`,
    }
  },
}

const remove: Command = {
  verb: 'remove',
  words: ['BUCKET'],
  help: 'an empty bucket',
  flags: { 'purge-objects': { type: 'boolean', help: 'all versions in it first' } },
  async run(client, call) {
    const [name = ''] = call.words
    await client.send('DELETE bucket', { bucket: name, 'purge-objects': call.isSet('purge-objects') })
    return { json: undefined, text: `Removed the bucket ${name}.\n` }
  },
}

export const BUCKET_COMMANDS: readonly Command[] = [list, show, link, quota, remove]
