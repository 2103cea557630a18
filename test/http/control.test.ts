import { afterEach, describe, expect, it } from 'vitest'
import { clockControl } from '../../src/http/control-clock.ts'
import { CLOCK_MS_MAX, SettableClock } from '../../src/lib/clock.ts'
import { control, setClock } from '../support/control.ts'
import { type Fields, policyOf, post, signFormV2 } from '../support/form.ts'
import { uniqueName, useServer } from '../support/server.ts'
import { presignV2, presignV4 } from '../support/sign.ts'

const DAY_MS = 86_400_000
const server = useServer()
afterEach(() => setClock(server(), { reset: true }))

const put = (body?: unknown) => control(server(), 'clock', { method: 'PUT', body })
const clockNow = () => server().running.services.clock.now()

describe('GET /control/clock', () => {
  it('tells the time and how it goes', async () => {
    const { status, json } = await control(server(), 'clock')
    expect([status, json]).toEqual([
      200,
      { now: expect.stringMatching(/^20.*Z$/), mode: 'real', offsetMs: 0, speed: 1, signatures: false },
    ])
  })
})

describe('PUT /control/clock', () => {
  it('freezes at an instant and where the clock is, and lets it run on', async () => {
    const now = '2031-02-03T04:05:06.789Z'
    const frozen = await put({ freeze: now })
    expect([frozen.status, frozen.json]).toEqual([
      200,
      { now, mode: 'frozen', offsetMs: expect.any(Number), speed: 0, frozenAt: now, signatures: false },
    ])
    expect(clockNow()).toBe(Date.parse(now))
    expect((await control(server(), 'clock')).json).toMatchObject({ now, frozenAt: now })
    expect((await put({ advance: 'P31D' })).json).toMatchObject({ now: '2031-03-06T04:05:06.789Z', mode: 'frozen' })
    expect((await put({ advance: 1000 })).json).toMatchObject({ now: '2031-03-06T04:05:07.789Z' })
    expect((await put({ freeze: false })).json).toMatchObject({ mode: 'offset', speed: 1 })
    expect((await put({ freeze: true })).json).toMatchObject({ mode: 'frozen' })
    expect((await put({ freeze: now, advance: 'P1M' })).json).toMatchObject({ now: '2031-03-03T04:05:06.789Z' })
  })

  it('sets an offset and a speed, and resets', async () => {
    expect((await put({ offsetMs: 10 * DAY_MS })).json).toMatchObject({ mode: 'offset', offsetMs: 10 * DAY_MS })
    expect((await put({ speed: 3600 })).json).toMatchObject({ mode: 'scaled', speed: 3600 })
    expect((await put({ reset: true, advance: 'PT1H' })).json).toMatchObject({ mode: 'offset', offsetMs: 3_600_000 })
    expect((await put({ offsetMs: -DAY_MS, speed: 0.5, signatures: true })).json).toMatchObject({ signatures: true })
    expect((await put({ reset: true })).json).toMatchObject({ mode: 'real', offsetMs: 0, signatures: false })
  })

  it.each([
    ['no document', undefined, 'expected a JSON object'],
    ['no JSON', '{', 'the document is not JSON'],
    ['a list', [], 'expected a JSON object'],
    ['null', 'null', 'expected a JSON object'],
    ['nothing', {}, 'expected one of'],
    ['an unknown key', { freeze: true, frozen: true }, 'unknown key frozen'],
    ['a key of every object', '{"toString": 1}', 'unknown key toString'],
    ['a reset that is none', { reset: false }, 'reset: expected true'],
    ['an instant without a zone', { freeze: '2031-01-01T00:00:00' }, 'freeze: expected'],
    ['a day that is not there', { freeze: '2031-02-30T00:00:00Z' }, 'freeze: expected'],
    ['an instant before 1970', { freeze: '1969-12-31T23:59:59Z' }, 'the clock goes from'],
    ['an instant too late', { freeze: '9000-01-01T00:00:01Z' }, 'the clock goes from'],
    ['an offset too large', { offsetMs: CLOCK_MS_MAX }, 'the clock goes from'],
    ['an offset in parts', { offsetMs: 0.5 }, 'offsetMs: expected'],
    ['an offset as a text', { offsetMs: '5' }, 'offsetMs: expected'],
    ['no speed', { speed: 0 }, 'speed: expected'],
    ['a speed back', { speed: -1 }, 'speed: expected'],
    ['a speed too high', { speed: 1_000_001 }, 'speed: expected'],
    ['a duration that is none', { advance: '31D' }, 'advance: expected'],
    ['a duration too long', { advance: 'P9999Y' }, 'the clock goes from'],
    ['an advance back', { advance: -1 }, 'advance: expected'],
    ['signatures that are no flag', { signatures: 'yes' }, 'signatures: expected'],
    ['a wait that is no flag', { wait: 1 }, 'wait: expected'],
    ['a timeout too long', { wait: true, timeoutMs: 600_001 }, 'timeoutMs: expected'],
    ['a timeout of what does not wait', { freeze: true, timeoutMs: 5 }, 'timeoutMs is for'],
    ['a frozen clock with a speed', { freeze: true, speed: 2 }, 'a frozen clock'],
    ['two readings', { freeze: '2031-01-01T00:00:00Z', offsetMs: 5 }, 'both say'],
  ])('refuses %s', async (_case, body, reason) => {
    const { status, json } = await put(body)
    expect([status, json.error]).toEqual([400, expect.stringContaining(reason)])
    expect((await control(server(), 'clock')).json).toMatchObject({ mode: 'real' })
  })

  it('leaves signatures at the real time unless it is told otherwise', async () => {
    const [bucket, path] = [uniqueName('sig'), `/${uniqueName('sig')}`]
    const { url, root } = server()
    await server().request('PUT', path)
    await server().request('PUT', `/${bucket}`)
    await setClock(server(), { freeze: '2040-01-01T00:00:00Z' })
    const presigned = [presignV4, presignV2].map((presign) =>
      presign({ method: 'GET', url: new URL(`${url}${path}`) }, root),
    )
    const policy = signFormV2(policyOf([{ bucket }, ['starts-with', '$key', '']]), root)
    const form: Fields = [['key', 'k'], ...policy]
    const statuses = async () => [
      (await server().request('GET', path)).status,
      (await server().request('GET', path, { sign: 'v2' })).status,
      ...(await Promise.all(presigned.map(async (one) => (await fetch(`${url}${one.target}`)).status))),
      (await post(server(), bucket, { fields: form })).status,
    ]
    expect(await statuses()).toEqual([200, 200, 200, 200, 204])
    await setClock(server(), { signatures: true })
    expect(await statuses()).toEqual([403, 403, 403, 403, 403])
    await setClock(server(), { signatures: false })
    expect(await statuses()).toEqual([200, 200, 200, 200, 204])
  })

  it('dates what is written', async () => {
    const path = `/${uniqueName('dated')}`
    await server().request('PUT', path)
    await setClock(server(), { freeze: '2040-01-01T00:00:00Z' })
    await server().request('PUT', `${path}/k`, { body: 'x' })
    const { headers } = await server().request('HEAD', `${path}/k`)
    expect(headers['last-modified']).toBe('Sun, 01 Jan 2040 00:00:00 GMT')
    // What clients correct their own clocks by stays the real time.
    expect(Math.abs(Date.parse(headers.date ?? '') - Date.now())).toBeLessThan(DAY_MS)
  })

  it('answers when the jobs have done what the time asks for, forwards and backwards', async () => {
    const path = `/${uniqueName('wait')}`
    const { metadata } = server().running.services
    const makeGarbage = async () => {
      await server().request('PUT', `${path}/k`, { body: Buffer.alloc(100_000) })
      expect(metadata.stats().fileChunks).toBe(1)
      await server().request('DELETE', `${path}/k`)
    }
    await server().request('PUT', path)
    await makeGarbage()
    expect(metadata.stats().fileChunks).toBe(1)
    await setClock(server(), { advance: 'P31D', wait: true })
    expect(metadata.stats().fileChunks).toBe(0)
    await makeGarbage()
    await setClock(server(), { reset: true, wait: true })
    expect(metadata.stats().fileChunks).toBe(1)
    await setClock(server(), { advance: 'PT10M', wait: true })
    expect(metadata.stats().fileChunks).toBe(0)
    expect(await setClock(server(), { wait: true })).toMatchObject({ mode: 'offset' })
  })

  it('keeps the order of versions when the clock is set back', async () => {
    const path = `/${uniqueName('order')}`
    const versioning = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
    await server().request('PUT', path)
    await server().request('PUT', path, { query: { versioning: undefined }, body: versioning })
    const instants = ['2041-01-01T00:00:00Z', '2031-01-01T00:00:00Z', '2051-01-01T00:00:00Z', '2021-01-01T00:00:00Z']
    for (const freeze of instants) {
      await setClock(server(), { freeze })
      await server().request('PUT', `${path}/k`, { body: freeze })
    }
    expect((await server().request('GET', `${path}/k`)).text).toBe(instants.at(-1))
    const { text } = await server().request('GET', path, { query: { versions: undefined } })
    const listed = [...text.matchAll(/<LastModified>(\d{4})/g)].map((match) => match[1])
    expect(listed).toEqual(['2021', '2051', '2031', '2041'])
  })

  it('names the jobs that do not come to rest, and has set the clock all the same', async () => {
    const clock = new SettableClock()
    const never = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const route = clockControl({ clock, settled: never, busy: () => ['expire'], onSet: () => undefined })
    const request = { query: {}, signal: new AbortController().signal }
    const body = { freeze: '2031-01-01T00:00:00Z', wait: true, timeoutMs: 1 }
    await expect(route.PUT!({ ...request, body })).rejects.toMatchObject({
      status: 504,
      details: { jobs: ['expire'], clock: { now: '2031-01-01T00:00:00.000Z' } },
    })
    expect(clock.state().mode).toBe('frozen')
    const stopping = clockControl({
      clock,
      settled: () => Promise.reject(new Error('the server stops')),
      busy: () => [],
      onSet: () => undefined,
    })
    await expect(stopping.PUT!({ ...request, body: { wait: true } })).rejects.toMatchObject({ status: 503 })
  })

  it('is told to the log', async () => {
    await setClock(server(), { freeze: '2031-01-01T00:00:00Z' })
    const line = server().logLines.findLast((text) => text.includes('the clock has been set'))
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 40, clock: { mode: 'frozen' } })
  })
})

describe('the control API', () => {
  it('names what there is, and answers in JSON', async () => {
    const missing = await control(server(), 'clocks')
    expect([missing.status, missing.json.error]).toEqual([404, expect.stringContaining('/control/clock')])
    const wrong = await fetch(`${server().adminUrl}/control/clock`, { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, PUT'])
    expect((await fetch(`${server().adminUrl}/control`)).status).toBe(404)
    expect((await put(' '.repeat(100_000))).status).toBe(413)
  })

  it('takes JSON whatever a client calls it', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      const headers = { 'content-type': type }
      const body = { freeze: '2031-01-01T00:00:00Z' }
      expect((await control(server(), 'clock', { method: 'PUT', body, headers })).status).toBe(200)
    }
  })

  it('is not for web pages', async () => {
    const headers = { origin: server().adminUrl }
    const { status } = await control(server(), 'clock', { method: 'PUT', body: { freeze: true }, headers })
    expect(status).toBe(403)
  })

  it('is on the admin port only', async () => {
    expect((await server().request('GET', '/control/clock')).text).toContain('NoSuchBucket')
  })

  it('stays out of the way of the other routes', async () => {
    const answer = await fetch(`${server().adminUrl}/healthz`, { method: 'POST', body: 'x' })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/xml'])
  })
})

describe('a server that is told to have none', () => {
  const closed = useServer({ config: { admin: { control: false } } })
  it('refuses and says why', async () => {
    const { status, json } = await control(closed(), 'clock')
    expect([status, json.error]).toEqual([403, expect.stringContaining('COZOS_ADMIN_CONTROL')])
    expect((await fetch(`${closed().adminUrl}/healthz`)).status).toBe(200)
  })
})
