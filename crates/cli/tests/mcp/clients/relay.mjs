// Passes requests on to a server with its token, for clients that cannot send one. Headers stay as they are.
//
//     node relay.mjs URL TOKEN
//
// Prints its own address, and ends when its input ends.

import http from "node:http";

const [url, token] = process.argv.slice(2);
const target = new URL(url);
const relay = http.createServer((request, response) => {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  const onward = http.request(
    { host: target.hostname, port: target.port, path: request.url, method: request.method, headers },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on("error", () => response.destroy());
  request.pipe(onward);
});
relay.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${relay.address().port}${target.pathname}`));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
