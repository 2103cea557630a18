import sharp from 'sharp'
import { createBucket, type TestBucketOptions } from './buckets.ts'
import type { TestRequest, TestResponse, TestServer } from './server.ts'

export interface GradientOptions {
  readonly width?: number
  readonly height?: number
  readonly format?: 'jpeg' | 'png' | 'webp' | 'tiff' | 'gif'
}

export const WIDTH = 120
export const HEIGHT = 80

/** A picture of which no two rows and no two columns are the same. */
export async function gradient(options: GradientOptions = {}): Promise<Buffer> {
  const { width = WIDTH, height = HEIGHT, format = 'jpeg' } = options
  const pixels = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      pixels.set([(x * 255) / width, (y * 255) / height, 128], (y * width + x) * 3)
    }
  }
  return await sharp(pixels, { raw: { width, height, channels: 3 } })
    .toFormat(format)
    .toBuffer()
}

/** What a result is, by its bytes: `jpeg 120x80`. BMP is read by hand, as sharp does not know it. */
export async function shapeOf({ body }: Pick<TestResponse, 'body'>): Promise<string> {
  if (body.toString('latin1', 0, 2) === 'BM') {
    return `bmp ${body.readInt32LE(18)}x${Math.abs(body.readInt32LE(22))}`
  }
  const { format, width, pageHeight, height } = await sharp(body).metadata()
  return `${format} ${width}x${pageHeight ?? height}`
}

/** A bucket with a picture `p.jpg` of 120 by 80 pixels, put with these headers. */
export async function bucketWithPicture(
  server: TestServer,
  headers: Readonly<Record<string, string>> = {},
  options: TestBucketOptions = {},
): Promise<string> {
  const bucket = await createBucket(server, options)
  await putFile(server, `/${bucket}/p.jpg`, { headers: { 'content-type': 'image/jpeg', ...headers } })
  return bucket
}

/** Puts a file, a gradient where none is given; its version's id, if the bucket keeps versions. */
export async function putFile(
  server: TestServer,
  path: string,
  { body, headers = {} }: { body?: Buffer; headers?: Readonly<Record<string, string>> } = {},
): Promise<string | undefined> {
  const answer = await server.request('PUT', path, { body: body ?? (await gradient()), headers })
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
  const versionId = answer.headers['x-amz-version-id']
  return typeof versionId === 'string' ? versionId : undefined
}

/** A watermark that lays this object over the picture. */
export function watermark(key: string, more = ''): string {
  return `image/watermark,image_${Buffer.from(key).toString('base64').replaceAll('/', '_')}${more}`
}

/** Each side by half. */
export const HALF = 'image/resize,p_50'

export interface ProcessOrder extends TestRequest {
  /** `bucket/key` */
  readonly source?: string
  /** HALF where it is left out. */
  readonly directive?: string
}

/** ProcessObject as the botocore extras send it. */
export function processObject(server: TestServer, path: string, order: ProcessOrder = {}): Promise<TestResponse> {
  const { source, directive = HALF, ...options } = order
  const query = { ...options.query, 'x-zos-process': directive }
  const headers = { ...(source === undefined ? {} : { 'x-amz-process-source': source }), ...options.headers }
  return server.request('POST', path, { ...options, query, headers })
}
