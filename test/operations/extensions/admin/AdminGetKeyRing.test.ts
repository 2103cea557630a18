import { describe, expect, it } from 'vitest'
import { ADMIN_SERVER, adminOf, whoIsRefused } from '../../../support/admin.ts'
import { useServer } from '../../../support/server.ts'

const server = useServer(ADMIN_SERVER)
const admin = adminOf(server)

describe('AdminGetKeyRing', () => {
  it('tells whether a rotation is under way, and no key', async () => {
    expect((await admin('GET keyring')).json).toEqual({ rotating: false })
    await admin('POST keyring?rotate')
    const { json, text } = await admin('GET keyring')
    expect(json).toMatchObject({ rotating: true, key: expect.stringMatching(/^[0-9a-f]{8}$/), stuck: 0 })
    expect(text).not.toMatch(/[A-Za-z0-9+/]{40}/)
    expect((await admin('GET keyring?format=xml')).text).toContain('<keyring><rotating>true</rotating>')
  })

  it('needs the capability zone to read', async () => {
    expect(await whoIsRefused(admin, 'GET keyring')).toEqual(['alt', 'anonymous'])
  })
})
