import type { Permission } from '../domain/access/permissions.ts'
import { setObjectTags } from '../domain/objects/tags.ts'
import { readTagging, TAGGING_BYTES_MAX } from '../s3/documents/tagging.ts'
import { absentError } from '../s3/headers/absent.ts'
import { readTaggedRef, type TaggedRef, taggedVersionHeader, taggingPermissions } from '../s3/headers/tagged-object.ts'
import type { RequestHead } from '../s3/request.ts'
import type { Tag, VersionRow } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Input {
  readonly asked: TaggedRef
  readonly tags: readonly Tag[]
}

interface Output {
  readonly asked: TaggedRef
  readonly version: VersionRow
}

export const PutObjectTagging: Operation<Input, Output> = {
  name: 'PutObjectTagging',
  needs,
  payload: { document: { maxBytes: TAGGING_BYTES_MAX } },
  read(wire) {
    const { dialect } = wire
    return {
      asked: readTaggedRef(wire),
      tags: readTagging(wire.document, { max: dialect.objectTagsMax, what: 'Object', rule: dialect }),
    }
  },
  async run({ bucket, dialect, head, authorizeBody, assertStillGranted, teller }, { asked, tags }) {
    await authorizeBody(needs(head), { tags })
    const change = {
      ...asked,
      bucket: bucket(),
      assertGranted: assertStillGranted,
      tags,
      teller,
      kind: 'tagging:put',
    } as const
    const tagged = await setObjectTags(change)
    if (tagged.kind === 'absent') throw absentError(dialect, { ...asked, marker: tagged.marker, method: 'PUT' })
    return { asked, version: tagged.version }
  },
  // RGW names a type although there is no body (recorded: object_tagging.put.10).
  write: ({ asked, version }, { dialect }) => ({
    headers: [
      taggedVersionHeader(version, asked),
      ['Content-Type', dialect.rgwExtensions ? 'application/xml' : undefined],
    ],
  }),
}

function needs(head: RequestHead): Permission[] {
  return taggingPermissions(head, { latest: 's3:PutObjectTagging', version: 's3:PutObjectVersionTagging' })
}
