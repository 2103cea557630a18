import type { UserDetails } from '../../../domain/accounts/change.ts'
import { describeUser, listUserIds } from '../../../domain/accounts/users.ts'
import type { Services } from '../../../domain/services.ts'
import { S3Error, s3Error } from '../../../errors.ts'
import {
  type MetadataKeys,
  type MetadataQuery,
  metadataKeysAnswer,
  readMetadataQuery,
} from '../../../s3/admin/metadata.ts'
import { optionalText } from '../../../s3/admin/parameters.ts'
import { userValue } from '../../../s3/admin/user.ts'
import { adminAnswer } from '../../../s3/admin/value.ts'
import type { Operation } from '../../operation.ts'

type Input = { readonly key: string } | { readonly query: MetadataQuery }
type Output = { readonly details: UserDetails } | { readonly keys: MetadataKeys }

/**
 * `GET /admin/metadata/user`, with which go-ceph and rgwadmin list users; with `key` what is stored of one, as
 * rgwadmin's RGWUser reads it.
 */
export const AdminGetUserMetadata: Operation<Input, Output> = {
  name: 'AdminGetUserMetadata',
  needs: () => [{ capability: 'metadata', access: 'read' }],
  payload: 'none',
  read({ head }) {
    const key = optionalText(head, 'key')
    return key === undefined ? { query: readMetadataQuery(head) } : { key }
  },
  async run({ services }, input) {
    if ('key' in input) return { details: await describe(services, input.key) }
    return { keys: await listKeys(services, input.query) }
  },
  write(output, { head }) {
    if ('keys' in output) return metadataKeysAnswer(head, output.keys)
    const { details } = output
    return adminAnswer(head, 'metadata', { key: details.user.id, data: userValue(details) })
  },
}

/** Ceph's word for what has no metadata is that of a missing object. */
async function describe(services: Services, id: string): Promise<UserDetails> {
  try {
    return await describeUser(services, id)
  } catch (cause) {
    if (cause instanceof S3Error && cause.code === 'NoSuchUser') throw s3Error('NoSuchKey')
    throw cause
  }
}

async function listKeys(services: Services, { marker, limit, isPaged }: MetadataQuery): Promise<MetadataKeys> {
  const keys: string[] = []
  for (let after = marker; ; after = keys.at(-1)) {
    const page = await listUserIds(services, { after, limit })
    keys.push(...page.ids)
    if (isPaged || !page.isTruncated) return { keys, isPaged, isTruncated: page.isTruncated }
  }
}
