import type { Petition } from '../domain/access/hearing.ts'
import type { Services } from '../domain/services.ts'
import { effectiveKey, folderIndex } from '../domain/website/keys.ts'
import { type Redirect, redirectAll, redirectBeforeRead, redirectOnError } from '../domain/website/routing.ts'
import { S3Error, s3Error } from '../errors.ts'
import { foreignHost, type OwnNames, websiteAddress } from '../s3/address.ts'
import type { Dialect } from '../s3/dialect.ts'
import { locationOf, pathLocation, urlHost } from '../s3/headers/location.ts'
import type { RequestHead } from '../s3/request.ts'
import { isSigned } from '../s3/signature/authenticate.ts'
import { corsAnswer } from './cors.ts'
import type { Exchange } from './exchange.ts'
import type { Answer } from './reply.ts'
import { dropBody, isAbsent, plainQuery, readPage, type Visit, visitorsQuery } from './website-page.ts'

interface WebsiteParts {
  readonly services: Services
  readonly dialect: Dialect
  readonly headSettings: OwnNames
}

/**
 * The name of the bucket that this may be a visit to, because the host bears a name that is none of ours. Only for
 * requests that nobody signed: what is signed is S3's, whatever name a client knows this server by.
 */
export function siteOfHost({ headSettings }: WebsiteParts, head: RequestHead): string | undefined {
  const { method, address } = head
  if (address.style !== 'path' || (method !== 'GET' && method !== 'HEAD')) return undefined
  const name = foreignHost(head.host, headSettings)
  return name === undefined || isSigned(head) ? undefined : name
}

/** The head as that of a visit, if the bucket of this name is there and is a website; else as it was. */
export async function asVisit({ services }: WebsiteParts, head: RequestHead, name: string): Promise<RequestHead> {
  const bucket = await services.metadata.read((tx) => tx.buckets.find({ tenant: '', name }))
  return bucket?.settings.website === undefined ? head : { ...head, address: websiteAddress(head.rawPath, name) }
}

/**
 * Answers a request for a website's page.
 * @throws S3Error MethodNotAllowed, NoSuchBucket, NoSuchWebsiteConfiguration, and what the read of the page fails with
 *   where the website has no answer to that itself
 */
export async function serveWebsite(
  { services, dialect }: WebsiteParts,
  exchange: Exchange,
  { head, petition }: { head: RequestHead; petition: Petition },
): Promise<Answer> {
  const { bucket: name = '', tenant, key = '' } = head.address
  exchange.head = head
  exchange.bucket = name
  exchange.caller = petition.caller
  if (head.method !== 'GET' && head.method !== 'HEAD') {
    const details = { Method: head.method, ResourceType: 'OBJECT' }
    throw s3Error('MethodNotAllowed', details, { headers: { Allow: 'GET, HEAD' } })
  }
  exchange.operation = head.method === 'HEAD' ? 'HeadObject' : 'GetObject'
  const bucket = await services.metadata.read((tx) => tx.buckets.find({ tenant, name }))
  if (bucket === undefined) throw s3Error('NoSuchBucket', { BucketName: name })
  exchange.bucketRow = bucket
  exchange.cors = corsAnswer(head, bucket, dialect)
  const { website } = bucket.settings
  if (website === undefined) throw s3Error('NoSuchWebsiteConfiguration', { BucketName: name })
  const asked = { protocol: head.protocol, host: urlHost(head.host) ?? name, key }
  const visit: Visit = { services, dialect, exchange, head, petition, bucket, website, asked }
  try {
    return await answerVisit(visit)
  } catch (cause) {
    if (!(cause instanceof S3Error)) throw cause
    return await answerFailure(visit, cause)
  }
}

async function answerVisit(visit: Visit): Promise<Answer> {
  const { website, asked } = visit
  const all = redirectAll(website, asked)
  if (all !== undefined) return redirectTo(all)
  const suffix = website.indexSuffix ?? ''
  const key = effectiveKey(asked.key, suffix)
  const redirect = redirectBeforeRead(website, asked, key)
  if (redirect !== undefined) return redirectTo(redirect)
  try {
    return await readPage(visit, visitorsQuery(visit, key))
  } catch (cause) {
    const index = folderIndex(asked.key, suffix)
    if (index === undefined || !isAbsent(cause)) throw cause
    return await answerFolder(visit, index, cause)
  }
}

/** The client left out a folder's slash, or there is no such page at all. */
async function answerFolder(visit: Visit, index: string, absent: S3Error): Promise<Answer> {
  try {
    if (visit.dialect.website.folders === 'serve') return await readPage(visit, visitorsQuery(visit, index))
    dropBody(await readPage(visit, plainQuery(index)))
    return { status: 302, headers: [['Location', `${pathLocation(visit.asked.key)}/`]] }
  } catch (cause) {
    throw isAbsent(cause) ? absent : cause
  }
}

/** A routing rule's redirect, or the error document; the error itself where there is neither. */
async function answerFailure(visit: Visit, error: S3Error): Promise<Answer> {
  const { website, asked, dialect, exchange } = visit
  const { status, code } = dialect.wireError(error)
  const redirect = redirectOnError(website, asked, status)
  if (redirect !== undefined) return redirectTo(redirect)
  if (website.errorKey === undefined) throw error
  try {
    const answer = await readPage(visit, plainQuery(website.errorKey))
    exchange.errorCode = code
    return answer.status === 200 ? { ...answer, status } : answer
  } catch (cause) {
    throw cause instanceof S3Error ? error : cause
  }
}

function redirectTo(redirect: Redirect): Answer {
  return { status: redirect.status, headers: [['Location', locationOf(redirect)]] }
}
