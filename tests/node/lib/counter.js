// A service of the test's own that only receives: what a browser brings to its counter is kept.

import { createServer } from 'node:http';
import { once } from 'node:events';

const PAGE = `<!doctype html>
<html lang="fr"><head><title>Guichet</title><link rel="icon" href="data:,"></head>
<body><h1>Bienvenue au guichet</h1></body></html>`;

/** Opens a counter on any port; `arrivals` fills with the requests that browsers make at `/retour`. */
export async function counter(scope) {
  const arrivals = [];
  const server = createServer(async (req, res) => {
    const { method, url, headers } = req;
    const body = Buffer.concat(await req.toArray()).toString();
    if (url.startsWith('/retour')) arrivals.push({ method, url, headers, body });
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.end(PAGE);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  // A site of its own beside the hub's 127.0.0.1.
  return { url: `http://localhost:${server.address().port}`, arrivals };
}
