import { describeObject } from '../domain/objects/attributes.ts'
import { taggingDocument } from '../s3/documents/tagging.ts'
import { absentError } from '../s3/headers/absent.ts'
import { readTaggedRef, type TaggedRef, taggedVersionHeader, taggingPermissions } from '../s3/headers/tagged-object.ts'
import type { VersionRow } from '../storage/metadata/rows.ts'
import type { Operation } from './operation.ts'

interface Output {
  readonly asked: TaggedRef
  readonly version: VersionRow
}

export const GetObjectTagging: Operation<TaggedRef, Output> = {
  name: 'GetObjectTagging',
  needs: (head) => taggingPermissions(head, { latest: 's3:GetObjectTagging', version: 's3:GetObjectVersionTagging' }),
  payload: 'none',
  read: readTaggedRef,
  async run({ services, bucket, dialect, assertStillGranted }, asked) {
    const ref = { ...asked, bucketId: bucket().id, assertGranted: assertStillGranted }
    const found = await describeObject(services, ref, undefined)
    if (found.kind === 'absent') throw absentError(dialect, { ...asked, marker: found.marker })
    return { asked, version: found.version }
  },
  write({ asked, version }, { dialect }) {
    return {
      headers: [taggedVersionHeader(version, asked)],
      body: taggingDocument(version.attributes.tags, dialect),
    }
  },
}
