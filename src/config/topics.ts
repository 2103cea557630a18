import { type Config, Secret, type TopicConfig } from './config.ts'
import { ROOT_ID } from './defaults.ts'
import { fullUserId } from './names.ts'
import type { Reader } from './reader.ts'

/** What names and attributes mean is checked when the topic is made: it is the dialect's to say. */
export function readTopic(part: Reader): TopicConfig {
  const attributes = Object.entries(part.textsByName('attributes'))
  return {
    name: part.text('name'),
    owner: part.optionalText('owner'),
    attributes: Object.fromEntries(attributes.map(([name, value]) => [name, new Secret(value)])),
  }
}

/** Topics that nobody can own, or that are there twice. @param ids of all users */
export function topicProblems({ topics, users }: Config, ids: ReadonlySet<string>): string[] {
  const tenants = new Map(users.map(({ tenant, id }) => [fullUserId({ tenant, uid: id }), tenant]))
  const places = new Map<string, string>()
  const problems: string[] = []
  for (const [index, { name, owner = ROOT_ID }] of topics.create.entries()) {
    const path = `topics.create[${index}]`
    if (!ids.has(owner)) problems.push(`${path}.owner: there is no user ${owner}`)
    const place = `${tenants.get(owner) ?? ''}:${name}`
    const other = places.get(place)
    if (other !== undefined) problems.push(`${path}.name: ${other} is the same topic`)
    places.set(place, path)
  }
  return problems
}
