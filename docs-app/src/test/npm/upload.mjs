// Uploads a file with tus-js-client as it comes, and says how often it had to resume.
// usage: node upload.mjs URL TOKEN FILE
import fs from 'node:fs'
import * as tus from 'tus-js-client'

const [endpoint, token, file] = process.argv.slice(2)
const size = fs.statSync(file).size
let retries = 0
const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint,
  uploadSize: size,
  chunkSize: 1_000_000,
  retryDelays: [0, 100, 1000, 2000, 4000, 8000],
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: 'javascript.bin', filetype: 'application/octet-stream', metadata: '{"by": "javascript"}' },
  onShouldRetry: (error, attempt, options) => {
    retries++
    const status = error.originalResponse ? error.originalResponse.getStatus() : 0
    return status === 0 || status === 409 || status === 423 || status >= 500
  },
  onError: (error) => {
    console.error(String(error))
    process.exit(1)
  },
  onSuccess: () => console.log(`uploaded ${size} bytes after ${retries} retries`),
})
upload.start()
