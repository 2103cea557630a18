import type { ObjectAction, Permission } from '../../domain/access/permissions.ts'
import { NULL_VERSION } from '../../domain/versions/write.ts'
import type { VersionRow } from '../../storage/metadata/rows.ts'
import type { RequestHead, Wire } from '../request.ts'
import type { HeaderValue } from '../response.ts'
import { objectAddress, onObject } from './permissions.ts'
import { readVersionId } from './version-id.ts'

/** Which object, or which of its versions, a request for tags names. */
export interface TaggedRef {
  readonly key: string
  readonly versionId: string | undefined
}

/**
 * The ZOS manual (2.9, 2.10): an empty VersionId is the latest version. AWS refuses it.
 * @throws S3Error InvalidArgument
 */
export function readTaggedRef({ head, dialect }: Pick<Wire, 'head' | 'dialect'>): TaggedRef {
  const { key } = objectAddress(head)
  const meansLatest = head.query.get('versionId') === '' && dialect.rgwExtensions
  return { key, versionId: meansLatest ? undefined : readVersionId({ head, dialect }) }
}

/** S3 has a permission for the tags of a version that is named beside the one for those of the latest. */
export function taggingPermissions(
  head: RequestHead,
  actions: { readonly latest: ObjectAction; readonly version: ObjectAction },
): Permission[] {
  const isNamed = (head.query.get('versionId') ?? '') !== ''
  return isNamed ? [onObject(head, actions.version)] : [{ ...objectAddress(head), action: actions.latest }]
}

/** The version whose tags were asked for or changed, where there are versions or one was named. */
export function taggedVersionHeader(version: VersionRow, asked: TaggedRef): readonly [string, HeaderValue] {
  const isVersioned = version.versionId !== NULL_VERSION || asked.versionId !== undefined
  return ['x-amz-version-id', isVersioned ? version.versionId : undefined]
}
