import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, whoIsRefused } from '../../../support/admin.ts'
import { useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminGetInfo', () => {
  it('names what stores the data', async () => {
    const { json } = await admin('GET info')
    expect(json).toEqual({ info: { storage_backends: [{ name: 'cozos', cluster_id: 'default' }] } })
    const { text } = await admin('GET info?format=xml')
    expect(text).toContain('<info><storage_backends><dummy><name>cozos</name><cluster_id>default</cluster_id></dummy>')
  })

  it('needs info=read', async () => {
    expect(await whoIsRefused(admin, 'GET info')).toEqual(['alt', 'anonymous'])
    expect((await admin('GET info', { as: 'root' })).status).toBe(200)
  })
})
