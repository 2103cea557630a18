import type { TestServer } from './server.ts'

export interface ControlAnswer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what is there
  readonly json: any
}

export interface ControlOptions {
  readonly method?: string
  /** A text is sent as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends a request to the control API on the admin port. */
export async function control(server: TestServer, path: string, options: ControlOptions = {}): Promise<ControlAnswer> {
  const { method = 'GET', body, headers = {} } = options
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await fetch(`${server.adminUrl}/control/${path}`, {
    method,
    headers,
    ...(sent === undefined ? {} : { body: sent }),
  })
  return { status: answer.status, json: await answer.json() }
}

/** Sets the server's clock. Answers its state. */
export async function setClock(server: TestServer, change: object): Promise<ControlAnswer['json']> {
  const { status, json } = await control(server, 'clock', { method: 'PUT', body: change })
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(json)}`)
  return json
}
