import { Inboxes } from '../../src/topics/inbox.ts'
import { endpointOf, testEngines } from '../support/targets.ts'
import { topicContract } from './topic.ts'

topicContract({
  name: 'inbox',
  open: async () => {
    const inboxes = new Inboxes()
    return {
      endpoint: endpointOf('inbox', { 'push-endpoint': 'inbox://ci' }),
      topic: 'topic',
      engines: testEngines({ inboxes }),
      received: async (count) => {
        const { events } = await inboxes.wait('ci', { count, timeoutMs: 10_000 })
        return events.map(({ document }) => JSON.stringify(document))
      },
      dispose: async () => undefined,
    }
  },
})
