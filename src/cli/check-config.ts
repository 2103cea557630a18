import type { Config } from '../config/config.ts'
import { checkConfiguredTopics } from '../domain/topics/configured.ts'
import { systemClock } from '../lib/clock.ts'
import { IdSource } from '../lib/ids.ts'
import { createDialect } from '../s3/dialects/create.ts'

/**
 * Whether a config that is sound by itself is so for its dialect, too.
 * @throws ConfigError as the start of a server would
 */
export function checkForDialect({ dialect, region, topics }: Config): void {
  const { topics: rules } = createDialect(dialect, { ids: new IdSource(), clock: systemClock, region })
  checkConfiguredTopics(topics.create, rules)
}
