// An HTTP server of the test's own, in the words of the web platform.

import { createServer } from 'node:http';
import { once } from 'node:events';

/** Answers at `port`: `answer` makes a Response of a Request. */
export async function api(scope, port, answer) {
  const server = createServer(async ({ method, url, headers }, res) => {
    const request = new Request(new URL(url, `http://127.0.0.1:${port}`), { method, headers });
    const said = await answer(request).catch((fault) => new Response(`${fault}`, { status: 500 }));
    res.writeHead(said.status, [...said.headers].flat());
    res.end(await said.text());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  scope.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
}
