import { openHttpSink } from '../support/http-sink.ts'
import { endpointOf, testEngines } from '../support/targets.ts'
import { topicContract } from './topic.ts'

topicContract({
  name: 'http',
  open: async () => {
    const sink = await openHttpSink()
    return {
      endpoint: endpointOf('http', { 'push-endpoint': `http://127.0.0.1:${sink.port}` }),
      topic: 'topic',
      engines: testEngines(),
      received: sink.received,
      dispose: sink.close,
    }
  },
})
