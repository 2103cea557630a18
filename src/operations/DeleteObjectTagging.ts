import { setObjectTags } from '../domain/objects/tags.ts'
import { absentError } from '../s3/headers/absent.ts'
import { readTaggedRef, type TaggedRef, taggedVersionHeader, taggingPermissions } from '../s3/headers/tagged-object.ts'
import type { VersionRow } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Output {
  readonly asked: TaggedRef
  readonly version: VersionRow
}

export const DeleteObjectTagging: Operation<TaggedRef, Output> = {
  name: 'DeleteObjectTagging',
  needs: (head) =>
    taggingPermissions(head, { latest: 's3:DeleteObjectTagging', version: 's3:DeleteObjectVersionTagging' }),
  payload: 'none',
  read: readTaggedRef,
  async run({ bucket, dialect, assertStillGranted, teller }, asked) {
    const change = {
      ...asked,
      bucket: bucket(),
      assertGranted: assertStillGranted,
      tags: [],
      teller,
      kind: 'tagging:delete',
    } as const
    const tagged = await setObjectTags(change)
    if (tagged.kind === 'absent') throw absentError(dialect, { ...asked, marker: tagged.marker, method: 'DELETE' })
    return { asked, version: tagged.version }
  },
  write: ({ asked, version }) => ({ headers: [taggedVersionHeader(version, asked)] }),
}
