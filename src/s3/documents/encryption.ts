import { s3Error } from '../../errors.ts'
import type { DefaultEncryption } from '../../storage/metadata/settings.ts'
import type { Dialect } from '../dialect.ts'
import { assertKmsKeyId } from '../headers/kms-key-id.ts'
import { buildDocument } from '../xml/build.ts'
import type { XmlElement } from '../xml/parse.ts'
import { malformed, readBucketDocument } from './bucket-document.ts'

const ROOT = 'ServerSideEncryptionConfiguration'
const BY_DEFAULT = 'ApplyServerSideEncryptionByDefault'
const RULE_CHILDREN: ReadonlySet<string> = new Set([BY_DEFAULT, 'BucketKeyEnabled', 'BlockedEncryptionTypes'])
const DEFAULT_CHILDREN: ReadonlySet<string> = new Set(['SSEAlgorithm', 'KMSMasterKeyID'])
/** The one kind of encryption that a bucket may refuse. */
const BLOCKABLE = 'SSE-C'

/**
 * ServerSideEncryptionConfiguration, which has one rule.
 * @throws S3Error MalformedXML (InvalidArgument in RGW and ZOS); InvalidArgument for a key that the method cannot have,
 *   or not do without; NotImplemented for aws:kms:dsse
 */
export function readEncryptionConfiguration(document: Buffer, dialect: Dialect): DefaultEncryption {
  const rules = readBucketDocument(document, { root: ROOT, dialect }).children()
  const [rule] = rules
  if (rule?.name !== 'Rule' || rules.length > 1) throw malformed(dialect)
  assertChildren(rule, RULE_CHILDREN, dialect)
  const byDefault = rule.child(BY_DEFAULT)
  const bucketKeyEnabled = readSwitch(rule.child('BucketKeyEnabled'), dialect)
  const blocksCustomerKeys = readBlocked(rule.child('BlockedEncryptionTypes'), dialect)
  return {
    ...(byDefault === undefined ? NO_DEFAULT : readDefault(byDefault, dialect)),
    ...(bucketKeyEnabled === undefined ? {} : { bucketKeyEnabled }),
    ...(blocksCustomerKeys === undefined ? {} : { blocksCustomerKeys }),
  }
}

/** A rule without a default leaves what S3 does by itself. */
const NO_DEFAULT = { algorithm: 'AES256' } as const

function readDefault(element: XmlElement, dialect: Dialect): Pick<DefaultEncryption, 'algorithm' | 'kmsKeyId'> {
  assertChildren(element, DEFAULT_CHILDREN, dialect)
  const algorithm = element.child('SSEAlgorithm')?.text.trim()
  const given = element.child('KMSMasterKeyID')?.text.trim()
  const kmsKeyId = given === '' ? undefined : given
  if (algorithm === 'aws:kms:dsse') {
    throw s3Error('NotImplemented', {}, { message: `The SSEAlgorithm ${algorithm} is not implemented` })
  }
  if (algorithm === 'aws:kms') {
    assertKmsKeyId(kmsKeyId, dialect, { name: 'KMSMasterKeyID', missing: 'aws:kms needs a KMSMasterKeyID' })
  } else if (algorithm !== 'AES256') throw malformed(dialect)
  else assertNamedKey(kmsKeyId, dialect)
  return kmsKeyId === undefined ? { algorithm } : { algorithm, kmsKeyId }
}

/** ZOS manual 1.20: the key of AES256 has 32 characters. Elsewhere there is none. */
function assertNamedKey(kmsKeyId: string | undefined, { encryption }: Dialect): void {
  if (kmsKeyId === undefined) return
  const { namedKeyLength } = encryption
  if (namedKeyLength === undefined) {
    const message = 'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse'
    throw s3Error('InvalidArgument', { ArgumentName: BY_DEFAULT }, { message })
  }
  if (kmsKeyId.length === namedKeyLength) return
  const message = `The KMSMasterKeyID of AES256 has ${namedKeyLength} characters.`
  throw s3Error('InvalidArgument', { ArgumentName: 'KMSMasterKeyID' }, { message })
}

function readSwitch(element: XmlElement | undefined, dialect: Dialect): boolean | undefined {
  const value = element?.text.trim().toLowerCase()
  if (value === undefined) return undefined
  if (value !== 'true' && value !== 'false') throw malformed(dialect)
  return value === 'true'
}

/** NONE lifts the block; SSE-C is what can be blocked. */
function readBlocked(element: XmlElement | undefined, dialect: Dialect): boolean | undefined {
  if (element === undefined) return undefined
  const types = element.children('EncryptionType').map(({ text }) => text.trim())
  const areKnown = types.every((type) => type === BLOCKABLE || type === 'NONE')
  if (!areKnown || types.length !== 1 || element.children().length !== 1) throw malformed(dialect)
  return types[0] === BLOCKABLE
}

function assertChildren(element: XmlElement, known: ReadonlySet<string>, dialect: Dialect): void {
  const names = element.children().map(({ name }) => name)
  if (names.some((name) => !known.has(name)) || new Set(names).size < names.length) throw malformed(dialect)
}

/** The answer of GetBucketEncryption. AWS says of every bucket whether it has a bucket key. */
export function encryptionDocument(encryption: DefaultEncryption, dialect: Dialect): string {
  const { algorithm, kmsKeyId, blocksCustomerKeys } = encryption
  const { bucketKeyEnabled = dialect.rgwExtensions ? undefined : false } = encryption
  return buildDocument(ROOT, {
    Rule: {
      [BY_DEFAULT]: { SSEAlgorithm: algorithm, KMSMasterKeyID: kmsKeyId },
      BucketKeyEnabled: bucketKeyEnabled,
      BlockedEncryptionTypes:
        blocksCustomerKeys === undefined ? undefined : { EncryptionType: blocksCustomerKeys ? BLOCKABLE : 'NONE' },
    },
  })
}
