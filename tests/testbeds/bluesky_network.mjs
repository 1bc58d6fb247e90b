// Starts Bluesky's development network: node bluesky_network.mjs FOLDER PLC PDS BSKY OZONE
// It prints one line of JSON when all answer, and ends when its standard input ends.
import net from 'node:net'
import { pathToFileURL } from 'node:url'
import path from 'node:path'

// Its servers listen on all interfaces; a test must be reached from this machine alone.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'object' && first !== null && 'port' in first) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  }
  if (typeof first === 'number' || typeof first === 'undefined' || typeof first === 'function') {
    const after = [first, ...rest].filter((one) => typeof one === 'function')
    return listen.call(this, { port: typeof first === 'number' ? first : 0, host: '127.0.0.1' }, ...after)
  }
  return listen.call(this, first, ...rest)
}

const [folder, plc, pds, bsky, ozone] = process.argv.slice(2)
const module = path.join(folder, 'node_modules/@atproto/dev-env/dist/index.js')
const { TestNetwork } = await import(pathToFileURL(module).href)
await TestNetwork.create({
  plc: { port: Number(plc) },
  pds: { port: Number(pds), hostname: 'localhost' },
  bsky: { port: Number(bsky), publicUrl: `http://localhost:${bsky}`, dbPostgresSchema: 'bsky' },
  ozone: { port: Number(ozone) },
})
process.stdout.write(JSON.stringify({ pds: `http://localhost:${pds}` }) + '\n')
process.stdin.on('end', () => process.exit(0)).resume()
