import type { TestRequest, TestResponse, TestServer, TestUser } from './server.ts'
import { encodeQuery } from './sign.ts'

export const FORM = 'application/x-www-form-urlencoded; charset=utf-8'
/** An endpoint that nobody listens at. */
export const NOWHERE = 'http://127.0.0.1:9/'

/** The parameters of an action as boto sends them. */
export function actionForm(
  action: string,
  parameters: Readonly<Record<string, string>> = {},
  attributes: Readonly<Record<string, string>> = {},
): string {
  const entries = Object.entries(attributes).flatMap(([name, value], index) => [
    [`Attributes.entry.${index + 1}.key`, name],
    [`Attributes.entry.${index + 1}.value`, value],
  ])
  return encodeQuery({ Action: action, Version: '2010-03-31', ...parameters, ...Object.fromEntries(entries) })
}

/** Sends one of SNS's actions. */
export function sendAction(server: TestServer, form: string, request: TestRequest = {}): Promise<TestResponse> {
  return server.request('POST', '/', { body: form, ...request, headers: { 'content-type': FORM, ...request.headers } })
}

export interface TestTopic {
  readonly name: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly as?: 'root' | 'alt' | TestUser
}

/** Makes a topic; its ARN. */
export async function makeTopic(
  server: TestServer,
  { name, attributes = {}, as = 'root' }: TestTopic,
): Promise<string> {
  const form = actionForm('CreateTopic', { Name: name }, attributes)
  const answer = await sendAction(server, form, { as })
  const arn = /<TopicArn>(.*)<\/TopicArn>/.exec(answer.text)?.[1]
  if (arn === undefined) throw new Error(answer.text)
  return arn
}

/** The text of the first element of this name. */
export function textOf({ text }: TestResponse, element: string): string | undefined {
  return new RegExp(`<${element}>(.*?)</${element}>`).exec(text)?.[1]
}

/** A user of a tenant of its own, for the server's options. */
export const STRANGER = {
  plain: {
    id: 'stranger',
    tenant: 'elsewhere',
    keys: [{ accessKey: 'STRANGERKEY', secretKey: 'stranger-secret-of-the-tests' }],
  },
  user: { id: 'elsewhere$stranger', accessKey: 'STRANGERKEY', secretKey: 'stranger-secret-of-the-tests' },
}
